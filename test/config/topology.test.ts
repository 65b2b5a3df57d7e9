import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { printProblem } from '../../src/config/problem.ts';
import { loadTopology, topologyFrom, topologyJsonSchema } from '../../src/pipeline/topology-file.ts';

const root = join(import.meta.dirname, '..', '..');
const smap = readFileSync(join(root, 'topologies', 'smap.yaml'), 'utf8');

/** What is printed for a text that was changed in one place. */
function printedFor(from: string, to: string): readonly string[] {
  expect(smap).toContain(from);
  return (topologyFrom('f.yaml', smap.replace(from, to)).problems ?? []).map(printProblem);
}

test('twenty planted mistakes are twenty problems, each on its line, with what to write instead', () => {
  const file = join(import.meta.dirname, 'twenty-mistakes.yaml');
  const planted = readFileSync(file, 'utf8')
    .split('\n')
    .map((text, i) => ({ line: i + 1, says: (text.split('#! ')[1] ?? '').replace(/"/g, '`') }))
    .filter(({ says }) => says !== '');
  expect(planted).toHaveLength(20);
  const found = loadTopology(file).problems ?? [];
  expect(found.map(({ line }) => line)).toEqual(planted.map(({ line }) => line));
  for (const [i, { says }] of planted.entries()) {
    const { what, remedy } = found[i] ?? { what: '', remedy: '' };
    expect(`${what}; ${remedy}`).toContain(says);
  }
});

test('every shipped topology is without mistakes', () => {
  const files = readdirSync(join(root, 'topologies')).filter((file) => /^[\w-]+\.yaml$/.test(file));
  expect(files).toContain('smap.yaml');
  expect(files).toContain('smap-54.yaml');
  for (const file of files) expect(loadTopology(join(root, 'topologies', file)).problems).toBeUndefined();
});

test('smap.yaml is the path of the design: names, groups, state topic, fleet', () => {
  const { topology } = loadTopology(join(root, 'topologies', 'smap.yaml'));
  expect(topology?.stages.map(({ declaration, from, group }) => [declaration.name, from.kafkaName, group])).toEqual([
    ['ingest', 'smap-telemetry', 'smap.ingest'],
    ['batch', 'smap-samples', 'smap.batch'],
    ['infer', 'smap-batches', 'smap.infer'],
    ['export', 'smap-inference-results', 'smap.export'],
    ['detect', 'smap-inference-results', 'smap.detect'],
    ['report', 'smap-anomalies', 'smap.report'],
  ]);
  const state = topology?.topics.find(({ name }) => name === 'smap-state');
  expect(state?.config).toEqual({
    'cleanup.policy': 'compact',
    'segment.ms': '600000',
    'segment.bytes': '16777216',
    'min.cleanable.dirty.ratio': '0.1',
  });
  expect(topology?.entities.map(({ satellite, name }) => `${satellite}/${name}`).join(' ')).toBe(
    'SAT-001/A-1 SAT-001/A-2 SAT-001/A-3 SAT-002/D-1 SAT-002/D-2 SAT-002/E-1 SAT-003/P-1 SAT-003/P-2 SAT-003/G-1',
  );
  for (const { sensors } of topology?.entities ?? []) {
    expect([sensors.length, sensors[0], sensors[24]]).toEqual([25, 'sensor_0', 'sensor_24']);
  }
});

test('smap-54.yaml holds 54 entities, each once', () => {
  const names = loadTopology(join(root, 'topologies', 'smap-54.yaml')).topology?.entities.map(({ name }) => name) ?? [];
  expect(new Set(names).size).toBe(54);
  expect(names).toHaveLength(54);
});

test('a prefix stands before every name in Kafka', () => {
  const { topology } = topologyFrom('f.yaml', smap.replace('topology: smap', 'topology: smap\nprefix: blue-'));
  expect(topology?.topics.map(({ kafkaName }) => kafkaName).every((name) => name.startsWith('blue-smap-'))).toBe(true);
  expect(topology?.stages.map(({ group }) => group)).toContain('blue-smap.infer');
});

test('settings are frozen all the way down', () => {
  const { topology } = topologyFrom('f.yaml', smap);
  const seen: unknown[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    seen.push(value);
    expect(Object.isFrozen(value)).toBe(true);
    Object.values(value).forEach(walk);
  };
  walk(topology);
  expect(seen.length).toBeGreaterThan(50);
});

describe('what is wrong between parts is said once, at the part to change', () => {
  test.each([
    ['to: smap-batches', 'to: smap-samples', /stages\.batch\.to: what is written to `smap-samples` comes back/],
    [
      'schemas: [samples]',
      'schemas: [samples]\n    partitions: 8',
      /stages\.batch\.to: `smap-batches` has 4 partitions and `smap-samples` has 8/,
    ],
    ['    cleanup: compact\n', '', /stages\.infer\.checkpoints: `smap-state` keeps state, but its records go by age/],
    [
      'deadLetters: smap-dead-letters',
      'deadLetters: smap-dead-lettres',
      /deadLetters: there is no topic `smap-dead-lettres`; did you mean/,
    ],
    ['to: smap-inference-results', 'to: smap-dead-letters', /stages\.infer\.to: .*smap-dead-letters/],
    ['    model: smap_fleet\n', '', /fleet\.satellites\.SAT-001\.A-1: has no model/],
  ])('%j', (from, to, says) => {
    const printed = printedFor(from, to);
    expect(printed.filter((line) => says.test(line))).toHaveLength(1);
  });

  test('no fleet where a stage needs one', () => {
    const printed = (topologyFrom('f.yaml', smap.slice(0, smap.indexOf('fleet:'))).problems ?? []).map(printProblem);
    expect(printed).toEqual([expect.stringContaining('stages.ingest: ingest has to know the fleet')]);
  });
});

test('an alias stands for what it names, and a few lines of them cannot stand for millions', () => {
  expect(printedFor('maxBacklogSamples: 64', 'maxBacklogSamples: *none')[0]).toContain('there is no anchor `&none`');
  const many = Array.from({ length: 300 }, (_, i) => `      E-${i}:`).join('\n');
  const satellites = Array.from({ length: 300 }, (_, i) => `    SAT-${i + 1000}: *all`).join('\n');
  const bomb = `${smap}    SAT-999: &all\n${many}\n${satellites}\n`;
  const began = performance.now();
  expect((topologyFrom('f.yaml', bomb).problems ?? []).map(printProblem).join()).toContain('too many values');
  expect(performance.now() - began).toBeLessThan(2000);
});

test.each([
  ['', /1:1: topology: missing/],
  ['[1, 2]', /must be a mapping/],
  ['a: [', /not YAML/],
  ['---\na: 1\n---\nb: 2\n', /keep one document a file/],
  ['a: 1\na: 2\n', /keep one of the two/],
  ['['.repeat(5000), /nests deeper than 100 levels/],
  ['x'.repeat(2 << 20), /larger than 1 MiB/],
])('what is no topology at all is a problem: %#', (text, says) => {
  expect((topologyFrom('f.yaml', text).problems ?? []).map(printProblem).join('\n')).toMatch(says);
});

test('a file that is not there is a problem with its name', () => {
  expect(loadTopology('no/such.yaml').problems?.map(printProblem)).toEqual([
    'no/such.yaml:1:1: cannot be read (ENOENT); name a topology file that is there',
  ]);
});

test('the committed JSON Schema is the one that the shapes make', () => {
  const committed = readFileSync(join(root, 'topologies', 'topology.schema.json'), 'utf8');
  expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(topologyJsonSchema())));
});

test('editors refuse by that schema what downlink refuses, and accept what is shipped', () => {
  const validate = new Ajv({ strict: false }).compile(topologyJsonSchema() as object);
  for (const file of ['smap.yaml', 'smap-54.yaml']) {
    expect(validate(parse(readFileSync(join(root, 'topologies', file), 'utf8')))).toBe(true);
  }
  const wrong = [
    ['topology: smap', 'topology: 5'],
    ['cleanup: compact', 'cleanup: compacted'],
    ['maxSamples: 8', 'maxSample: 8'],
    ['segmentMs: 600000', 'segmentMs: 10min'],
    ['    from: smap-telemetry\n', ''],
    ['schemas: [scores]', 'schemas: [score]'],
  ] as const;
  for (const [from, to] of wrong) {
    expect(printedFor(from, to)).not.toEqual([]);
    expect([to, validate(parse(smap.replace(from, to)))]).toEqual([to, false]);
  }
});
