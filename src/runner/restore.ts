import type { TopicPartition } from '../kafka/cluster.ts';
import type { Committed } from '../kafka/reader/offsets.ts';
import type { RecordView } from '../kafka/records/record-views.ts';
import type { Clock } from './clock.ts';
import type { Checkpoints } from './wiring.ts';

/** What a lane has to know of the log before it begins. */
export interface Log {
  /** Where the group goes on, once no transaction can move it any more; undefined where it never committed. */
  committed(partition: TopicPartition): Promise<Committed | undefined>;
  first(partition: TopicPartition): Promise<bigint>;
  /** Behind the last record of all, and behind the last that is decided. */
  end(partition: TopicPartition): Promise<bigint>;
  stableEnd(partition: TopicPartition): Promise<bigint>;
  /** Committed records from the first on, up to a position. */
  read(partition: TopicPartition, to: bigint): AsyncIterable<Iterable<RecordView>>;
}

/**
 * The latest committed checkpoint of each key. Only once nothing in the partition is undecided: what a predecessor has
 * committed may wait for its markers, and its state would be missing here while its offset is already in force.
 */
export async function restore<C>(
  log: Log,
  { topic, decode }: Checkpoints<C>,
  partition: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, C>> {
  const place = { topic, partition };
  const end = await log.end(place);
  for (let pause = 2; (await log.stableEnd(place)) < end && !signal.aborted; pause = Math.min(2 * pause, 100)) {
    await clock.sleep(pause, signal);
  }
  const latest = new Map<string, Buffer>();
  for await (const records of log.read(place, end)) {
    for (const record of records) {
      const key = record.keyText() ?? '';
      const { value } = record;
      // A copy: a view would keep all that was fetched with it.
      if (value === null) latest.delete(key);
      else latest.set(key, Buffer.from(value));
    }
    if (signal.aborted) break;
  }
  const restored = new Map<string, C>();
  for (const [key, bytes] of latest) {
    const found = decode(bytes);
    restored.set(key, found instanceof Promise ? await found : found);
  }
  return restored;
}
