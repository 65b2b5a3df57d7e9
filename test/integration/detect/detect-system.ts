import { readerOf, writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import type { Outcome, Records } from '../../../src/contract/index.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { read } from '../../../src/kafka/reader/read.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { openDetect } from '../../../src/stages/detect/stage.ts';
import type { Settings } from '../../../src/stages/detect/settings.ts';
import { partitionOf } from '../../../src/stages/ingest/murmur2.ts';
import { noPorts } from '../../support/no-ports.ts';
import { seeded } from '../../support/random.ts';
import { openReading } from '../../support/smap-reading.ts';
import { startSmap, type SmapSystem } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];

/** The rows of a record. */
export const cut = 20;

/** Calm noise in sensor_0 but for a stretch of 80 rows, ten times as busy; the model misses a little of everything. */
export function scoresOf(satellite_id: string, entity: string, rows: number, busy: number, seed: number): Scores[] {
  const random = seeded(seed);
  return Array.from({ length: rows / cut }, (_, record) => {
    const indices = Array.from({ length: cut }, (_, at) => record * cut + at);
    const values = new Float32Array(cut * 25);
    for (const [at, index] of indices.entries())
      values[at * 25] = (random() - 0.5) * (index >= busy && index < busy + 80 ? 0.5 : 0.05);
    const flags = indices.map(() => false);
    return {
      ...{ satellite_id, entity, model: 'm', model_version: '1', weights: 'w', threshold: 1, indices, values },
      timestamps: indices.map((index) => 1_700_000_000_000 + 30_000 * index),
      ...{ normalised: values, reconstruction: values.map((value) => value + 0.01), score: new Float32Array(cut) },
      ...{ detected: flags, warming: flags, gap: flags },
    };
  });
}

/** The SMAP topology with scores that a test has made, and detect in processes that may die. */
export interface DetectSystem extends SmapSystem {
  /** Some of the records of each entity. */
  send(all: readonly (readonly Scores[])[]): Promise<void>;
  anomalies(): Promise<Anomaly[]>;
  /** What one lane for each partition would tell that never dies. */
  undisturbed(): Promise<Anomaly[]>;
}

export async function startDetectSystem(bootstrap: string): Promise<DetectSystem> {
  const system = await startSmap({ bootstrap, prefix: topicName('detect') });
  const { topology } = system;
  const reading = openReading(bootstrap);
  const { fetcher, cluster } = reading;
  const registry = openRegistry({ url: system.registry, credentials: undefined });
  const stage = topology.stages.find(({ declaration }) => declaration.name === 'detect');
  if (stage === undefined || !('kafkaName' in stage.to)) throw new Error('the topology has no detect');
  const { kafkaName: from, partitions } = stage.from;
  const to = stage.to.kafkaName;
  const schemas = await registerSchemas(topology, registry);
  const encoder = writerOf('scores', schemas.find((one) => one.topic === from)?.id ?? 0);
  const writer = openIdempotentWriter(cluster);

  return {
    ...system,
    send: async (all) => {
      for (const records of all) {
        const key = `${records[0]?.satellite_id}/${records[0]?.entity}`;
        const values = records.map((value) => ({ key, value: encoder.encode(value), timestamp: Date.now() }));
        await writer.write([{ topic: from, partition: partitionOf(key, partitions), records: values }]);
      }
    },
    anomalies: async () => {
      const [reader, found] = [readerOf(registry, ['anomaly']), [] as Anomaly[]];
      for (let partition = 0; partition < partitions; partition++)
        for await (const { value } of read(fetcher, { topic: to, partition }))
          if (value !== null) found.push(await reader.decode(value));
      return found;
    },
    undisturbed: async () => {
      const [reader, found] = [readerOf(registry, ['scores']), [] as Anomaly[]];
      const fleet = new Map(topology.entities.map((one) => [`${one.satellite}/${one.name}`, one]));
      const lane = { settings: stage.settings as Settings, partitions, opening: 'o', source: from, fleet };
      for (let partition = 0; partition < partitions; partition++) {
        const detect = openDetect({ ...lane, partition, restored: new Map(), ports: noPorts });
        for await (const { value, offset } of read(fetcher, { topic: from, partition })) {
          if (value === null) continue;
          const records = [{ key: null, value: await reader.decode(value), offset, timestamp: 0 }];
          const done = await detect.process({ records, behind: 0n }, new AbortController().signal);
          for (const { value: anomaly } of (done as Outcome<Anomaly, never>).send) found.push(anomaly);
        }
      }
      return found;
    },
    close: async () => {
      await Promise.all([system.close(), reading.close()]);
    },
  };
}
