import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRegistry } from '../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../src/embedded/registry/server.ts';
import { classify } from '../../src/errors.ts';
import type { Samples } from '../../src/contract/records/samples.ts';
import { checkPartitions } from '../../src/pipeline/check-partitions.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { exportScores } from '../../src/stages/export/index.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { wiringsOf } from '../../src/pipeline/wirings.ts';
import { memoryLog } from '../embedded/registry/memory-log.ts';
import { copyStage, smallText, topologyOf } from '../support/small-topology.ts';

let running: RunningRegistry;
beforeAll(async () => {
  running = await startRegistry({ log: memoryLog() });
});
afterAll(() => running.close());

const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return classify(error);
  }
  throw new Error('nothing was thrown');
};

const partitions = new Map(['p.in', 'p.out', 'p.dead'].map((topic) => [topic, 2]));
const lane = { partition: 0, partitions: 2, opening: 'o', restored: new Map<string, unknown>() };

function bytesWiring() {
  const definitions = [copyStage()];
  const { stages, deadLetters } = topologyOf(smallText('p', 2), definitions);
  const [wiring] = wiringsOf(stages, deadLetters, {
    definitions,
    partitions,
    schemas: [],
    entities: [],
    registry: undefined,
  });
  if (wiring === undefined || !('encode' in wiring.to)) throw new Error('no wiring');
  return { ...wiring, to: wiring.to };
}

test('what one stage writes the next reads, under the ids of the registry', async () => {
  const definitions = [copyStage({ schema: 'samples' })];
  const topology = topologyOf(smallText('p', 2, 'samples'), definitions);
  const registry = openRegistry(running);
  const schemas = await registerSchemas(topology, registry);
  const [wiring] = wiringsOf(topology.stages, topology.deadLetters, {
    definitions,
    partitions,
    schemas,
    entities: [],
    registry,
  });
  if (wiring === undefined || !('encode' in wiring.to)) throw new Error('no wiring');
  const value: Samples = {
    satellite_id: 'SAT-001',
    entity: 'A-1',
    timestamps: [1],
    indices: [7],
    values: Float32Array.of(0.5),
  };
  const { to } = wiring;
  const bytes = to.encode(value);
  expect(bytes.readInt32BE(1)).toBe(schemas.find(({ topic }) => topic === 'p.out')?.id);
  expect(await wiring.from.decode(bytes)).toMatchObject({ satellite_id: 'SAT-001', indices: [7] });
  expect(thrown(() => wiring.from.decode(Buffer.from('x')))).toMatchObject({ code: 'record-unframed' });
  expect(thrown(() => to.encode({}))).toMatchObject({ code: 'record-unencodable' });
});

test('a topic without schemas carries bytes as they are', () => {
  const { name, group, from, to, deadLetters } = bytesWiring();
  expect({ name, group, from: from.topic, to: to.topic, dead: deadLetters }).toEqual({
    name: 'copy',
    group: 'p.small.copy',
    from: 'p.in',
    to: 'p.out',
    dead: { topic: 'p.dead', partitions: 2 },
  });
  const bytes = Buffer.from('as it is');
  expect(from.decode(bytes)).toBe(bytes);
  expect(to.encode(bytes)).toBe(bytes);
  expect(thrown(() => to.encode('text'))).toMatchObject({ code: 'record-unencodable' });
});

test('a stage of bytes and a topic with a schema do not go together', () => {
  const text = smallText('p', 2).replace('in: {', 'in: { schemas: [samples]');
  expect(() => topologyOf(text, [copyStage()])).toThrow('copy reads bytes, but `in` carries samples');
  const other = smallText('p', 2, 'samples').replace('out: { schemas: [samples]', 'out: {');
  expect(() => topologyOf(other, [copyStage({ schema: 'samples' })])).toThrow(
    'writes samples, but `out` carries bytes',
  );
});

test('a lane of a partition that was not there at the start is not opened', async () => {
  const { open } = bytesWiring();
  const batch = { records: [{ key: 'k', value: 1, offset: 0n, timestamp: 0 }], behind: 0n };
  expect(await open(lane).process(batch, AbortSignal.abort())).toEqual({ send: [{ key: 'k', value: 1 }] });
  const error = thrown(() => open({ ...lane, partition: 2 }));
  expect(error).toMatchObject({ code: 'config-invalid', detail: expect.stringContaining('p.in had 2 partitions') });
});

test('a stage that is only declared, and one whose sink nobody is, cannot run yet', () => {
  const smap = `topology: t
topics: { in: { schemas: [scores] }, dead: {} }
deadLetters: dead
stages: { export: { from: in } }
fleet: { satellites: { S: { A: { sensors: [volt], model: m } } } }
`;
  const { stages, deadLetters } = topologyOf(smap, declarations);
  const parts = { partitions, schemas: [], entities: [], registry: openRegistry(running) };
  const refusal = (definitions: typeof declarations) =>
    thrown(() => wiringsOf(stages, deadLetters, { ...parts, definitions }));
  const { name, about, settings, reads, writes } = exportScores;
  expect(refusal([{ name, about, settings, reads, writes }]).detail).toBe(
    'stage export cannot run yet in this version',
  );
  expect(refusal(declarations).detail).toBe(
    'stage export cannot run yet in this version: nothing writes to VictoriaMetrics',
  );
});

test('before a start every topic is there, and those of one path have one number of partitions', () => {
  const { file, stages, deadLetters } = topologyOf(smallText('p', 2), [copyStage()]);
  const check = (counts: Readonly<Record<string, number>>) =>
    checkPartitions(file, stages, deadLetters, new Map(Object.entries(counts)));
  expect(check({ 'p.in': 3, 'p.out': 3, 'p.dead': 1 })).toBeUndefined();
  const { code, detail } = thrown(() => check({ 'p.in': 3, 'p.out': 2 }));
  expect([code, ...detail.split('\n')]).toEqual([
    'config-invalid',
    'Kafka has no topic p.dead',
    'p.in has 3 partitions and p.out has 2, but stage copy keeps the partition of what it reads',
    '`downlink topics plan small.yaml` shows what differs, `apply` makes what is missing',
  ]);
});
