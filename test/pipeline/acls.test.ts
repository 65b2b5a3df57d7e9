import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { aclsOf, describeAcls } from '../../src/pipeline/acls.ts';
import { loadTopology, topologyFrom } from '../../src/pipeline/topology-file.ts';

const file = join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml');

const topology = () => {
  const { topology: found } = loadTopology(file);
  if (found === undefined) throw new Error('smap.yaml has mistakes');
  return found;
};

const rightsOf = (stage: string, acls = aclsOf(topology())) =>
  acls
    .filter(({ principal }) => principal === stage)
    .map(
      ({ operations, resource, name, prefixed }) => `${operations.join('+')} ${resource} ${name}${prefixed ? '*' : ''}`,
    );

test('a stage may read its source, write its output and dead letters, and use its group and its transactions', () => {
  expect(rightsOf('ingest')).toEqual([
    'Read topic smap-telemetry',
    'Write topic smap-samples',
    'Write topic smap-dead-letters',
    'Read group smap.ingest',
    'Write+Describe transactional-id smap.ingest.*',
  ]);
});

test('a stage with state may read and write its checkpoints, one with a sink writes no output', () => {
  expect(rightsOf('infer')).toContain('Read+Write topic smap-state');
  expect(rightsOf('export').filter((right) => right.includes('Write topic'))).toEqual([
    'Write topic smap-dead-letters',
  ]);
});

test('a prefix stands before everything', () => {
  const text = `topology: t
prefix: dev.
topics: { in: { schemas: [telemetry] }, out: { schemas: [samples] }, bad: {} }
deadLetters: bad
stages: { ingest: { from: in, to: out } }
fleet: { each: { sensors: [s], model: m }, satellites: { A: { B: {} } } }
`;
  const { topology: found, problems } = topologyFrom('t.yaml', text);
  expect(problems).toBeUndefined();
  const names = found ? aclsOf(found).map(({ name }) => name) : [];
  expect(names).toEqual(['dev.in', 'dev.out', 'dev.bad', 'dev.t.ingest', 'dev.t.ingest.']);
});

test('the rights are printed as a table and as the commands that grant them', () => {
  const lines = describeAcls(topology()).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^stage +may +on +name +for$/);
  expect(lines).toContain(
    'infer   Read, Write      topic             smap-state              its state, read before it starts',
  );
  expect(lines).toContain(
    'kafka-acls --bootstrap-server "$DOWNLINK_KAFKA" --add --allow-principal User:infer --operation Read --operation Write --topic smap-state',
  );
  expect(lines.at(-1)).toBe(
    'kafka-acls --bootstrap-server "$DOWNLINK_KAFKA" --add --allow-principal User:report --operation Write --operation Describe --transactional-id smap.report. --resource-pattern-type prefixed',
  );
  const blank = lines.indexOf('');
  expect(lines.length - blank).toBe(blank);
});
