import { openCluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { committedOffset } from '../../src/kafka/reader/offsets.ts';
import { read } from '../../src/kafka/reader/read.ts';
import type { RecordView } from '../../src/kafka/records/batches.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';

/** The log as a test sees it from outside. */
export interface SmallLog {
  /** Of each partition the values, in order. */
  write(topic: string, values: readonly (readonly (string | Buffer)[])[]): Promise<void>;
  values(topic: string, partitions: number): Promise<readonly (readonly string[])[]>;
  records(topic: string, partition: number): Promise<readonly RecordView[]>;
  /** Undefined where nothing was committed. */
  committed(group: string, topic: string, partitions: number): Promise<readonly (number | undefined)[]>;
  readonly cluster: ReturnType<typeof openCluster>;
  close(): Promise<void>;
}

export function openSmallLog(bootstrap: string): SmallLog {
  const config = kafkaConfig({ brokers: bootstrap.split(','), clientId: 'test' });
  const [cluster, fetcher] = [openCluster(config), openFetcher({ config })];
  const writer = openIdempotentWriter(cluster);
  const each = <T>(partitions: number, of: (partition: number) => Promise<T>) =>
    Promise.all(Array.from({ length: partitions }, (_, partition) => of(partition)));
  const records = async (topic: string, partition: number) => {
    const found: RecordView[] = [];
    for await (const record of read(fetcher, { topic, partition })) found.push(record);
    return found;
  };
  return {
    cluster,
    records,
    write: async (topic, values) => {
      await writer.write(
        values
          .map((own, partition) => {
            const timestamp = Date.now();
            return { topic, partition, records: own.map((value) => ({ key: `key-${partition}`, value, timestamp })) };
          })
          .filter((batch) => batch.records.length > 0),
      );
    },
    values: (topic, partitions) =>
      each(partitions, async (partition) => (await records(topic, partition)).map(({ value }) => String(value))),
    committed: (group, topic, partitions) =>
      each(partitions, async (partition) => {
        const offset = await committedOffset(cluster, group, { topic, partition });
        return offset === undefined ? undefined : Number(offset);
      }),
    close: async () => {
      await Promise.all([cluster.close(), fetcher.close()]);
    },
  };
}
