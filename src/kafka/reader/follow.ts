import { classify } from '../../errors.ts';
import type { TopicPartition } from '../cluster.ts';
import type { Fetcher, Source } from './fetcher.ts';
import { offsetOf } from './offsets.ts';
import type { RecordView } from '../records/batches.ts';

export interface Following {
  /** One that hands damaged batches out. */
  readonly fetcher: Fetcher;
  /** Each partition with the offset to begin at. */
  readonly from: readonly (TopicPartition & { readonly offset: bigint })[];
  /** In the order of the partition; the next record comes when this one was taken. */
  readonly take: (record: RecordView, partition: TopicPartition) => Promise<void>;
  /** All before this offset was taken or will never be. */
  readonly reached?: (partition: TopicPartition, position: bigint) => void;
  /** Hears of what never comes to be taken. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Every committed record of these partitions as it comes, without a group, until it is told to stop. */
export async function follow({ fetcher, from, take, reached, note, signal }: Following): Promise<void> {
  const sources = from.map(({ topic, partition, offset }) => fetcher.open({ topic, partition }, offset));
  const close = (): void => {
    for (const source of sources) source.close();
  };
  signal.addEventListener('abort', close);

  const stopped = (): boolean => signal.aborted;

  const followOne = async (source: Source, begin: bigint): Promise<void> => {
    for (let position = begin; !stopped();) {
      try {
        const chunk = await source.next();
        if (chunk.corrupt !== undefined) note(`${chunk.corrupt.error.message}; passed over`);
        for (const record of chunk.records()) {
          if (stopped()) return;
          await take(record, source.partition);
        }
        position = chunk.position;
        reached?.(source.partition, position);
      } catch (thrown) {
        // A source that is closed fails for whoever waits.
        if (stopped()) return;
        const error = classify(thrown);
        const first =
          error.code === 'position-outside-log' ? await offsetOf(fetcher.cluster, source.partition, 'earliest') : 0n;
        if (first <= position) throw error;
        const { topic, partition } = source.partition;
        note(
          `${topic} ${partition}: ${first - position} records from ${position} on were removed before they were read`,
        );
        source.seek(first);
        position = first;
      }
    }
  };
  try {
    await Promise.all(sources.map((source, at) => followOne(source, from[at]?.offset ?? 0n)));
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
