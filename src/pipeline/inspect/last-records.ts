import type { TopicPartition } from '../../kafka/cluster.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { offsetOf } from '../../kafka/reader/offsets.ts';
import { readChunks } from '../../kafka/reader/read-chunks.ts';
import { loggedIn, type Logged } from './logged.ts';

export interface Looking {
  /** One that hands damaged batches out. */
  readonly fetcher: Fetcher;
  /** Hears of damaged batches, which are passed over. */
  readonly note: (line: string) => void;
}

/** The last so many committed records of these partitions together, by their time, the oldest first. */
export async function lastRecords(
  looking: Looking,
  places: readonly TopicPartition[],
  count: number,
): Promise<readonly Logged[]> {
  const found = await Promise.all(places.map((place) => lastOf(looking, place, count)));
  const inTime = (a: Logged, b: Logged): number => a.view.timestamp - b.view.timestamp || a.partition - b.partition;
  return found.flat().sort(inTime).slice(-count);
}

/** Backwards, in parts that grow: of the offsets some are markers, some were aborted, and compaction takes records away. */
async function lastOf({ fetcher, note }: Looking, place: TopicPartition, count: number): Promise<readonly Logged[]> {
  const [first, end] = await Promise.all([
    offsetOf(fetcher.cluster, place, 'earliest'),
    offsetOf(fetcher.cluster, place, 'latest'),
  ]);
  let found: readonly Logged[] = [];
  let size = BigInt(Math.max(2 * count, 16));
  for (let to = end; to > first && found.length < count; size *= 4n) {
    const from = to - size > first ? to - size : first;
    let part: Logged[] = [];
    for await (const chunk of readChunks(fetcher, place, from, to)) {
      if (chunk.corrupt !== undefined) note(`${chunk.corrupt.error.message}; passed over`);
      for (const one of loggedIn(chunk, place.partition)) if (one.view.offset < to) part.push(one);
      part = part.slice(-count);
    }
    found = [...part, ...found].slice(-count);
    to = from;
  }
  return found;
}
