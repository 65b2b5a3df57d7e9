import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '../../src/cli/run.ts';
import { startRegistry } from '../../src/embedded/registry/server.ts';
import { memoryLog } from '../embedded/registry/memory-log.ts';

const smap = join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml');
const mistakes = join(import.meta.dirname, '..', 'config', 'twenty-mistakes.yaml');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function downlink(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ['', ''];
  const code = await run(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env,
    untilToldToStop: () => Promise.resolve(),
  });
  return { code, out, err };
}

test('without arguments it shows what there is', async () => {
  const { code, out } = await downlink([]);
  expect(code).toBe(0);
  for (const verb of ['topology', 'topics', 'schema', 'registry', 'run', 'status']) expect(out).toContain(verb);
});

test.each([
  [['topology', 'check']],
  [['topology', 'describe']],
  [['topology', 'graph']],
  [['topology', 'acls']],
  [['topology', 'test']],
  [['topics', 'plan']],
  [['topics', 'apply']],
  [['schema', 'register']],
  [['registry']],
  [['run']],
  [['status']],
  [['tail']],
  [['inspect']],
])('the help of %j has an example', async (verb) => {
  const { code, out } = await downlink([...verb, '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/Example: .*downlink /);
});

test.each([
  [['topolgy'], 'Did you mean topology?'],
  [['topology', 'chek', smap], 'Did you mean check?'],
  [['topology', 'graph', smap, '--mermade'], 'Did you mean --mermaid?'],
  [['topology', 'check'], "missing required argument 'file'"],
  [['registry', '--port', 'x'], 'A port is a number'],
  [['run'], "required option '--topology <file>' not specified"],
  [['run', '--topology', smap, '--stage', 'batch', '--stage', 'infr'], 'has no such stage; did you mean `infer`?'],
  [['run', '--topology', smap, '--workers', '0'], 'Workers are a number from 1 to 256.'],
  [['status', '--topology', smap, '--metrics', 'here'], 'An address is like http://'],
  [['tail', '--topology', smap, '--from', 'now'], 'It is latest, earliest, or a time'],
  [['tail', '--topology', smap, '--limit', '0'], 'a whole number above 0'],
  [['tail', '--topology', smap, '--entity', 'A1'], 'no such entity; did you mean `A-1`? it has SAT-001/A-1, '],
  [['inspect', '_schemas', '--topology', smap], 'no such topic; it has smap-telemetry, smap-samples, '],
  [['inspect', 'smap-sample', '--topology', smap], 'no such topic; did you mean `smap-samples`? it has '],
  [['inspect', 'smap-state', '--topology', smap, '--offset', '1', '--last', '2'], 'cannot be used with option'],
])('a wrong command line is said to be one: %j', async (args, says) => {
  const { code, err } = await downlink(args);
  expect([code, err]).toEqual([2, expect.stringContaining(says)]);
});

test('check says that there are no mistakes, or each one and how many', async () => {
  expect(await downlink(['topology', 'check', smap])).toEqual({
    code: 0,
    out: `${smap}: no mistakes (6 stages, 8 topics, 9 entities)\n`,
    err: '',
  });
  const { code, out, err } = await downlink(['topology', 'check', mistakes]);
  const lines = err.trimEnd().split('\n');
  expect([code, out, lines.length, lines.at(-1)]).toEqual([1, '', 21, '20 mistakes']);
  expect(lines.every((line, i) => i === 20 || line.startsWith(`${mistakes}:`))).toBe(true);
});

test('check names the mistakes of the environment too', async () => {
  const { code, err } = await downlink(['topology', 'check', smap], { DOWNLINK_KAKFA: 'a:1' });
  expect([code, err]).toEqual([1, expect.stringContaining('did you mean `DOWNLINK_KAFKA`?')]);
});

test('describe prints each lane with group, partitions, schema and delivery', async () => {
  const { out } = await downlink(['topology', 'describe', smap]);
  expect(out).toContain(`smap-batches > infer > smap-inference-results
  does        Scores each sample with its entity's model and checkpoints the state that the model is left in.
  group       smap.infer
  partitions  4, output partition = input partition
  schema      samples > scores
  delivery    exactly once, in one transaction
  checkpoints smap-state
  rejected    to smap-dead-letters
  settings    late=dead-letter warmingSamples=64 requestTimeoutMs=5000`);
});

test('graph draws every stage and every topic that one touches, as SVG and as Mermaid', async () => {
  const file = join(folder, 'smap.svg');
  expect((await downlink(['topology', 'graph', smap, '--out', file])).code).toBe(0);
  const svg = readFileSync(file, 'utf8');
  const { out: mermaid } = await downlink(['topology', 'graph', smap, '--mermaid']);
  for (const name of [
    'ingest',
    'batch',
    'infer',
    'export',
    'detect',
    'report',
    'smap-telemetry',
    'smap-state',
    'VictoriaMetrics',
  ]) {
    expect(svg).toContain(`>${name}</text>`);
    expect(mermaid).toContain(`"${name}<br/>`);
  }
  expect(svg.match(/<path class="main"/g)).toHaveLength(12);
  expect(svg.match(/<path class="side"/g)).toHaveLength(8);
  expect(mermaid.match(/-->/g)).toHaveLength(12);
});

test('types are written for a folder of schemas', async () => {
  expect((await downlink(['schema', 'types', '--out', folder])).code).toBe(0);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['telemetry.ts', 'schemas.ts']));
});

test('register needs a registry, and says under which ids the schemas are there', async () => {
  expect(await downlink(['schema', 'register', smap])).toMatchObject({
    code: 1,
    err: expect.stringContaining('DOWNLINK_REGISTRY'),
  });
  const registry = await startRegistry({ log: memoryLog() });
  try {
    const { code, out } = await downlink(['schema', 'register', smap], { DOWNLINK_REGISTRY: registry.url });
    expect([code, out.split('\n')[0]]).toEqual([0, 'smap-telemetry-value: telemetry is schema 1']);
  } finally {
    await registry.close();
  }
});

test.each([
  [['status', '--topology', smap]],
  [['tail', '--topology', smap]],
  [['inspect', 'smap-state', '--topology', smap]],
  [['topology', 'graph', smap, '--live']],
])('%j needs a Kafka', async (args) => {
  const { code, err } = await downlink(args);
  expect([code, err]).toEqual([1, expect.stringContaining('DOWNLINK_KAFKA: missing')]);
});

test('topics need a Kafka', async () => {
  const { code, err } = await downlink(['topics', 'plan', smap]);
  expect([code, err]).toEqual([1, expect.stringContaining('DOWNLINK_KAFKA: missing')]);
});

test('a registry that is away is an error with its remedy, not a trace', async () => {
  const { code, err } = await downlink(['schema', 'register', smap], { DOWNLINK_REGISTRY: 'http://127.0.0.1:1' });
  expect(code).toBe(1);
  expect(err).toMatch(/^downlink: registry-unavailable: http:\/\/127\.0\.0\.1:1: .*\nNothing is lost/);
});

test('a registry needs a Kafka, and has no folder', async () => {
  const says = 'environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n';
  expect(await downlink(['registry', '--port', '0'])).toEqual({ code: 1, out: '', err: says });
  const { code, err } = await downlink(['registry', '--data', folder]);
  expect([code, err]).toEqual([2, expect.stringContaining("unknown option '--data'")]);
});
