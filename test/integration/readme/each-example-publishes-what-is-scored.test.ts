import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadTopology } from '../../../src/pipeline/topology-file.ts';
import { blockIn, commands, root } from '../../readme/readme.ts';
import { eventually } from '../../support/eventually.ts';
import { findKcat } from '../../support/kcat.ts';
import { openReading, scoresOf } from '../../support/smap-reading.ts';
import { addressesOf, startUp, type Up } from '../../support/up.ts';
import { keptJar, keptPython } from './kept.ts';

const run = promisify(execFile);

let folder = '';
let up: Up;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-readme-'));
  up = startUp(join(folder, 'data'), '--no-demo');
  const { kafka, registry } = await addressesOf(up);
  await up.said(/^stages: /);
  env = { ...process.env, DOWNLINK_KAFKA: kafka, DOWNLINK_REGISTRY: registry };
}, 90_000);
afterAll(async () => {
  await up.stop();
  rmSync(folder, { recursive: true });
}, 30_000);

/** The one sample of an entity has come through as it was published, and has its score. */
async function isScored(key: string, from: number): Promise<void> {
  const { topology } = loadTopology(join(root, 'topologies', 'smap.yaml'));
  if (topology === undefined) throw new Error('smap.yaml has mistakes');
  const reading = openReading(env['DOWNLINK_KAFKA'] ?? '');
  const found = async () => {
    const all = await scoresOf(topology, env['DOWNLINK_REGISTRY'] ?? '', reading.fetcher);
    const own = all.filter(({ satellite_id, entity }) => `${satellite_id}/${entity}` === key);
    return own.length > 0 && own;
  };
  try {
    const scores = await eventually(`${key} is scored`, found, 20_000);
    expect(scores).toHaveLength(1);
    const [{ timestamps: [at = 0], values, score: [score = NaN] } = { timestamps: [], values: [], score: [] }] = scores;
    expect([...values]).toEqual([0.5, ...Array<number>(24).fill(0)]);
    expect(score).toBeGreaterThan(0);
    // The shell knows whole seconds only.
    expect(at).toBeGreaterThanOrEqual(from - 1_000);
    expect(at).toBeLessThanOrEqual(Date.now());
  } finally {
    await reading.close();
  }
}

test('the one in TypeScript', async () => {
  const began = Date.now();
  const file = join(folder, 'publish.mts');
  writeFileSync(file, blockIn('ts'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, ['--import', 'tsx', file], { cwd: folder, env, timeout: 30_000 });
  await isScored('SAT-001/A-1', began);
}, 60_000);

const pip = commands.map((line) => /^pip install '(.*)'$/.exec(line)?.[1]).find((line) => line !== undefined);
const python = keptPython(pip ?? 'README.md names no package');
const inPython = (): void => {
  test('the one in Python', async () => {
    const began = Date.now();
    const file = join(folder, 'publish.py');
    writeFileSync(file, blockIn('python'));
    await run(join('folder' in python ? python.folder : '', 'bin', 'python'), [file], { env, timeout: 30_000 });
    await isScored('SAT-002/D-1', began);
  }, 60_000);
};
if ('missing' in python) describe.skip(`python, skipped: ${python.missing}`, inPython);
else inPython();

const kcat = findKcat();
const [, jar = '', version = ''] = /(\S+)-([\d.]+)\.jar/.exec(blockIn('sh', 'kcat')) ?? [];
const tools = keptJar('org.apache.avro', jar, version);
const missing = [
  ...[kcat, tools].flatMap((one) => ('missing' in one ? [one.missing] : [])),
  ...['java', 'curl', 'jq', 'xxd']
    .filter((name) => spawnSync('which', [name]).status !== 0)
    .map((name) => `no ${name}`),
].join(', ');
const inShell = (): void => {
  test('the one for a shell', async () => {
    const began = Date.now();
    const work = join(folder, 'shell');
    mkdirSync(work);
    const file = `${jar}-${version}.jar`;
    symlinkSync(join('folder' in tools ? tools.folder : '', file), join(work, file));
    symlinkSync(join(root, 'schemas'), join(work, 'schemas'));
    await run('sh', ['-euc', blockIn('sh', 'kcat')], {
      cwd: work,
      env: { ...env, PATH: withKcat(work) },
      timeout: 60_000,
    });
    await isScored('SAT-003/P-1', began);
  }, 60_000);
};
if (missing === '') inShell();
else describe.skip(`a shell with all that it needs, skipped: ${missing}`, inShell);

/** A path on which there is a kcat: support/kcat.ts unpacks it, with its libraries, where no shell looks. */
function withKcat(work: string): string {
  const unpacked = join(homedir(), '.cache', 'downlink', 'kcat', 'usr');
  if (!existsSync(unpacked)) throw new Error(`support/kcat.ts has not unpacked it in ${unpacked}`);
  const libraries = readdirSync(join(unpacked, 'lib')).map((name) => join(unpacked, 'lib', name));
  const file = join(work, 'kcat');
  const line = `LD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(unpacked, 'bin', 'kcat')}' "$@"`;
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
  return [work, process.env['PATH']].join(delimiter);
}
