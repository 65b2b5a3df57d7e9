import { writerOf } from '../avro/own-types.ts';
import type { Cluster } from '../kafka/cluster.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import { openIdempotentWriter } from '../kafka/writer/idempotent-writer.ts';
import { partitionOf } from '../stages/ingest/murmur2.ts';
import type { Portion } from './play.ts';

export interface ToKafka {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly partitions: number;
  /** Ids of the schemas `telemetry` and `telemetry-block`. */
  readonly schemas: { readonly telemetry: number; readonly block: number };
}

/** A broker that is away for so long is waited for. */
const deadlineMs = 300_000;

/**
 * Publishes portions as users' own producers do: keyed by satellite_id/entity, in the partition that Kafka's own hash
 * gives the key, at the time of the wall clock. What was acknowledged is there once.
 */
export function toKafka({ cluster, topic, partitions, schemas }: ToKafka): (portion: Portion) => Promise<void> {
  const [single, block] = [writerOf('telemetry', schemas.telemetry), writerOf('telemetry-block', schemas.block)];
  const writer = openIdempotentWriter(cluster, { deadlineMs });
  const homes = new Map<string, number>();
  const homeOf = (key: string): number => {
    const known = homes.get(key) ?? partitionOf(key, partitions);
    homes.set(key, known);
    return known;
  };
  return async ({ records }) => {
    const timestamp = Date.now();
    const byPartition = new Map<number, OutRecord[]>();
    for (const { key, value } of records) {
      const partition = homeOf(key);
      const own = byPartition.get(partition);
      const bytes = 'timestamps' in value ? block.encode(value) : single.encode(value);
      const record = { key, value: bytes, timestamp };
      if (own === undefined) byPartition.set(partition, [record]);
      else own.push(record);
    }
    await writer.write([...byPartition].map(([partition, own]) => ({ topic, partition, records: own })));
  };
}
