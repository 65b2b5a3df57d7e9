import { join } from 'node:path';
import { readerOf, writerOf } from '../../src/avro/own-types.ts';
import type { Inference, Records } from '../../src/contract/index.ts';
import { memoryRegistry } from '../../src/pipeline/cases/memory-registry.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { wiringsOf } from '../../src/pipeline/wirings.ts';
import { openDriver, type Driver } from '../../src/runner/driver.ts';
import { defaultLimits } from '../../src/runner/run-stage.ts';
import { seeded } from './random.ts';

type Samples = Records['samples'];

const partitions = 4;

export interface InferReplay {
  readonly driver: Driver;
  /** By `satellite/entity`. */
  readonly entities: readonly string[];
  put(samples: Samples): Promise<void>;
  /** All that was scored, in the order in which it was written. */
  scores(): Promise<readonly Records['scores'][]>;
  letters(): number;
  /** By entity, how many sequences ever held a state that was committed. */
  sequences(): Promise<ReadonlyMap<string, number>>;
}

/** The infer stage of the topology with all 54 entities, without a broker, on any inference server. */
export async function openInferReplay(inference: Inference): Promise<InferReplay> {
  const { topology } = loadTopology(join(import.meta.dirname, '..', '..', 'topologies', 'smap-54.yaml'));
  if (topology === undefined) throw new Error('smap-54.yaml has mistakes');
  const registry = memoryRegistry();
  const schemas = await registerSchemas(topology, registry);
  const stages = topology.stages.filter(({ declaration }) => declaration.name === 'infer');
  const [stage] = stages;
  if (stage === undefined || 'sink' in stage.to) throw new Error('smap-54.yaml has no stage infer');
  const [from, to] = [stage.from.kafkaName, stage.to.kafkaName];
  const wirings = wiringsOf(stages, topology.deadLetters, {
    definitions: declarations,
    partitions: new Map(topology.topics.map((topic) => [topic.kafkaName, partitions])),
    schemas,
    entities: topology.entities,
    registry,
    inference,
  });
  const driver = openDriver({
    wirings: wirings as readonly never[],
    partitionsOf: () => partitions,
    limits: { ...defaultLimits, maxWaitMs: 0 },
  });
  const id = schemas.find(({ schema, topic }) => schema === 'samples' && topic === from)?.id ?? 0;
  const writer = writerOf('samples', id);
  const reader = readerOf(registry, ['scores']);
  const checkpoints = readerOf(registry, ['entity-state']);
  const entities = topology.entities.map(({ satellite, name }) => `${satellite}/${name}`);
  return {
    driver,
    entities,
    put: async (samples) => {
      const key = `${samples.satellite_id}/${samples.entity}`;
      const value = writer.encode(samples);
      await driver.put(from, entities.indexOf(key) % partitions, { key, value, timestamp: samples.timestamps[0] ?? 0 });
    },
    scores: async () => {
      const found: Records['scores'][] = [];
      for (const { value } of driver.records(to)) if (value !== null) found.push(await reader.decode(value));
      return found;
    },
    sequences: async () => {
      const ids = new Map<string, Set<string>>();
      for (const record of driver.records(stage.checkpoints?.kafkaName ?? '')) {
        if (record.value === null) continue;
        const { correlation_id: id } = await checkpoints.decode(record.value);
        const key = record.keyText() ?? '';
        ids.set(key, (ids.get(key) ?? new Set()).add(id));
      }
      return new Map([...ids].map(([key, some]) => [key, some.size]));
    },
    letters: () => driver.records(topology.deadLetters.kafkaName).length,
  };
}

/** Telemetry of all entities, cut into records at random: the same numbers for the same seed, whatever the cuts. */
export function* telemetry(
  entities: readonly string[],
  { seed, samples, cut }: { seed: number; samples: number; cut: (random: () => number) => number },
): Generator<Samples> {
  const cuts = seeded(seed + 1_000);
  const values = new Map(entities.map((key, at) => [key, seeded(seed * 100 + at)]));
  const done = new Map(entities.map((key) => [key, 0]));
  for (let left = entities.length; left > 0;) {
    left = 0;
    for (const key of entities) {
      const from = done.get(key) ?? 0;
      const count = Math.min(samples - from, cut(cuts));
      if (count <= 0) continue;
      done.set(key, from + count);
      if (from + count < samples) left++;
      const [satellite = '', entity = ''] = key.split('/');
      const indices = Array.from({ length: count }, (_, at) => from + at);
      yield {
        satellite_id: satellite,
        entity,
        indices,
        timestamps: indices.map((index) => 1_700_000_000_000 + index * 30_000),
        values: rows(values.get(key) ?? cuts, count),
      };
    }
  }
}

/** One measured value and 24 command bits, most of them 0. */
function rows(random: () => number, count: number): Float32Array {
  const values = new Float32Array(count * 25);
  for (let row = 0; row < count; row++) {
    values[row * 25] = Math.fround(2 * random() - 1);
    if (random() < 0.1) values[row * 25 + 1 + Math.floor(random() * 24)] = 1;
  }
  return values;
}
