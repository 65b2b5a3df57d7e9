import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { downlink, parsed } from './command-line.ts';

let scratch = '';
let folder = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'downlink-init-'));
  folder = join(scratch, 'mine');
});
afterEach(() => rmSync(scratch, { recursive: true }));

const written = ['README.md', 'pipeline.cases.yaml', 'pipeline.yaml', 'telemetry.avsc'];

test('what it writes has no mistakes, and its cases hold', async () => {
  expect(await downlink(['init', folder])).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(folder).sort()).toEqual(written);
  const topology = join(folder, 'pipeline.yaml');
  expect(await downlink(['topology', 'check', topology])).toEqual({
    code: 0,
    out: `${topology}: no mistakes (5 stages, 8 topics, 1 entity)\n`,
    err: '',
  });
  const { code, out } = await downlink(['topology', 'test', topology]);
  expect([code, out.split('\n').at(-2)]).toEqual([0, '2 of 2 cases hold']);
});

test('its cases would not hold of another pipeline', async () => {
  await downlink(['init', folder]);
  const topology = join(folder, 'pipeline.yaml');
  writeFileSync(
    topology,
    readFileSync(topology, 'utf8').replace(
      'to: batches }',
      'to: batches, settings: { maxSamples: 1, maxBacklogSamples: 1 } }',
    ),
  );
  const { code, out } = await downlink(['topology', 'test', topology]);
  expect([code, out]).toEqual([1, expect.stringContaining('FAILED')]);
});

test('the schema is the one that the pipeline reads', async () => {
  await downlink(['init', folder]);
  const shipped = join(import.meta.dirname, '..', '..', 'schemas', 'telemetry.avsc');
  expect(readFileSync(join(folder, 'telemetry.avsc'), 'utf8')).toBe(readFileSync(shipped, 'utf8'));
});

test('each command line of its README is right', async () => {
  await downlink(['init', folder]);
  const lines = readFileSync(join(folder, 'README.md'), 'utf8').match(/^downlink [^#\n]*/gm) ?? [];
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) await parsed(line.trim());
});

test('a folder that is there and empty is as good as none', async () => {
  mkdirSync(folder);
  expect((await downlink(['init', folder])).code).toBe(0);
});

test('a folder that holds anything is refused by name, and left as it is', async () => {
  mkdirSync(folder);
  for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(folder, name), name);
  const { code, out, err } = await downlink(['init', folder]);
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe(
    `downlink: ${folder} is not empty: it has a, b, c and 2 more; name a folder that is empty or not there yet\n`,
  );
  expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('so is what is no folder', async () => {
  writeFileSync(folder, '');
  const { code, err } = await downlink(['init', folder]);
  expect([code, err]).toEqual([1, expect.stringContaining(`${folder} cannot be written (EEXIST)`)]);
});
