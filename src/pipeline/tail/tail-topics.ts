import { setTimeout as delay } from 'node:timers/promises';
import type { Reader } from '../../avro/reader.ts';
import type { Topic } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import { classify, DownlinkError } from '../../errors.ts';
import type { TopicPartition } from '../../kafka/cluster.ts';
import { partitionCounts } from '../../kafka/partition-counts.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { offsetOf, type Place } from '../../kafka/reader/offsets.ts';
import type { RecordView } from '../../kafka/records/batches.ts';
import { follow } from '../../kafka/reader/follow.ts';

/** What can be tailed; only anomalies have phases. */
export type Tailed = Records['scores'] | Records['anomaly'];

export interface Tailing {
  /** One that hands damaged batches out. */
  readonly fetcher: Fetcher;
  readonly reader: Reader<Tailed>;
  readonly topics: readonly Topic[];
  readonly from: Place;
  readonly show: (record: Tailed, at: TopicPartition & { readonly offset: bigint }) => void;
  /** Hears of what is passed over, and of what is waited for. */
  readonly note: (line: string) => void;
  /** It is known where reading begins. */
  readonly begun?: (partitions: number) => void;
  readonly signal: AbortSignal;
}

const againMs = 1_000;

/** Scores and anomalies of a topology as they are committed, of all partitions at once, until it is told to stop. */
export async function tailTopics({ fetcher, reader, topics, from, show, note, begun, signal }: Tailing): Promise<void> {
  const counts = await partitionCounts(
    fetcher.cluster,
    topics.map(({ kafkaName }) => kafkaName),
  );
  const places = topics.flatMap(({ kafkaName: topic }) => {
    const count = counts.get(topic);
    if (count === undefined) {
      throw new DownlinkError('config-invalid', `Kafka has no topic ${topic}; \`downlink topics apply\` makes it`);
    }
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  });
  const begins = await Promise.all(
    places.map(async (place) => ({ ...place, offset: await offsetOf(fetcher.cluster, place, from) })),
  );
  begun?.(begins.length);

  const take = async ({ value, offset }: RecordView, place: TopicPartition): Promise<void> => {
    const at = `${place.topic} ${place.partition}:${offset}`;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (value === null) throw new DownlinkError('record-unframed', 'it has no value');
        return show(await reader.decode(value), { ...place, offset });
      } catch (thrown) {
        const error = classify(thrown);
        if (error.verdict === 'stop') throw error;
        if (error.verdict === 'reject') return note(`${at}: ${error.message}; passed over`);
        if (attempt === 0) note(`${at}: ${error.message}; it is asked for again until there is an answer`);
        await delay(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  await follow({ fetcher, from: begins, take, note, signal });
}
