import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { downlink } from './command-line.ts';

const root = join(import.meta.dirname, '..', '..');
const shipped = join(root, 'topologies', 'smap.yaml');

let folder = '';
const before = process.cwd();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-anywhere-'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

test('the topologies that come with downlink are found', async () => {
  const { code, out } = await downlink(['topology', 'check', 'topologies/smap.yaml']);
  expect([code, out]).toEqual([0, `${shipped}: no mistakes (6 stages, 8 topics, 9 entities)\n`]);
  expect((await downlink(['topology', 'describe', './topologies/smap-54.yaml'])).code).toBe(0);
});

test('so are their cases', async () => {
  const { code, out } = await downlink(['topology', 'test', 'topologies/smap.yaml']);
  expect([code, out]).toEqual([0, expect.stringMatching(/ cases hold\n$/)]);
});

test('and the models', async () => {
  const { code, out } = await downlink(['model', 'ls']);
  expect([code, out]).toEqual([0, expect.stringContaining('58 models in ')]);
  expect((await downlink(['model', 'show', 'smap_fleet'])).code).toBe(0);
});

test.each([
  [['topology', 'check', 'topologies/nothing.yaml'], 'cannot be read (ENOENT)'],
  [['topology', 'check', 'package.json'], 'package.json:1:1: cannot be read (ENOENT)'],
])('nothing else is: %j', async (args, says) => {
  expect(await downlink(args)).toMatchObject({ code: 1, err: expect.stringContaining(says) });
});

test('a file that comes with downlink is not written to', async () => {
  const text = readFileSync(shipped, 'utf8');
  const args = ['thresholds', 'apply', '--topology', 'topologies/smap.yaml', '--set', 'busyFactor=1.6'];
  const { code, err } = await downlink(args);
  expect([code, err]).toEqual([1, expect.stringContaining('topologies/smap.yaml:1:1: cannot be read (ENOENT)')]);
  expect(readFileSync(shipped, 'utf8')).toBe(text);
});

test("one's own of the same name comes first", async () => {
  mkdirSync('topologies');
  writeFileSync('topologies/smap.yaml', 'topology: mine\n');
  const { code, err } = await downlink(['topology', 'check', 'topologies/smap.yaml']);
  expect([code, err]).toEqual([1, expect.stringContaining('topologies/smap.yaml:')]);
});
