import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

const root = join(import.meta.dirname, '..', '..');
let folder = '';
let clone = '';

const envOf = () => ({ ...process.env, npm_config_cache: join(folder, 'cache'), HOME: folder });

/** What a command prints and how long it takes, in a clone with an npm cache of its own. */
function inClone(command: string, args: readonly string[]) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: clone, encoding: 'utf8', env: envOf() });
  return { status, stdout, stderr, seconds: (performance.now() - began) / 1000 };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-clone-'));
  clone = join(folder, 'downlink');
  expect(spawnSync('git', ['clone', '--quiet', root, clone]).status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('npm start is the first command: it installs, builds, says so in a line each, and shows an anomaly', async () => {
  // A group of its own, which hears of ^C as one.
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: envOf(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await eventually('an anomaly', () => said.includes('OPENED'), 280_000);
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await ended;
  expect(said).toContain('downlink: installing packages');
  expect(said).toContain('downlink: building');
  expect(said).toContain('ended; the data stay in .downlink');
}, 300_000);

test('the second time nothing is missing: it says nothing of that and takes under a second more than the program', () => {
  const program = inClone(process.execPath, ['dist/main.js']).seconds;
  const { seconds, stderr } = inClone(process.execPath, ['.run/downlink.mjs']);
  expect(stderr).toBe('');
  expect(seconds - program).toBeLessThan(1);
});

test('the command line runs from the clone without being installed', () => {
  const { status, stdout } = inClone('npx', ['downlink', 'topology', 'check', 'topologies/smap.yaml']);
  expect([status, stdout]).toEqual([0, expect.stringContaining('no mistakes')]);
});

test('npm test is the first command, too', () => {
  rmSync(join(clone, 'node_modules'), { recursive: true });
  rmSync(join(clone, 'dist'), { recursive: true });
  const { status, stdout, stderr } = inClone('npm', ['test', '--', 'test/config']);
  expect([status, stderr]).toEqual([0, expect.stringContaining('downlink: installing packages')]);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed, 0 skipped$/);
}, 300_000);

test('nothing that a command leaves behind is seen by git', () => {
  expect(inClone('git', ['status', '--short']).stdout).toBe('');
});
