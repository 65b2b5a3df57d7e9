import type { TopicPartition } from '../../kafka/cluster.ts';
import { offsetOf } from '../../kafka/reader/offsets.ts';
import { readChunks } from '../../kafka/reader/read-chunks.ts';
import type { Looking } from './last-records.ts';
import { loggedIn, type Logged } from './logged.ts';

/** The record at an offset, or why there is none to see. */
export async function recordAt(
  { fetcher, note }: Looking,
  place: TopicPartition,
  offset: bigint,
): Promise<Logged | { readonly missing: string }> {
  const at = `${place.topic} ${place.partition}:${offset}`;
  const [first, stable, end] = await Promise.all([
    offsetOf(fetcher.cluster, place, 'earliest'),
    offsetOf(fetcher.cluster, place, 'latest'),
    offsetOf(fetcher.cluster, place, 'latest', false),
  ]);
  if (offset < first) return { missing: `${at} was removed; the log begins at ${first}` };
  if (offset >= end) return { missing: `${at} is not written yet; the log ends before ${end}` };
  if (offset >= stable) return { missing: `${at} is not decided yet: a transaction from ${stable} on is open` };
  for await (const chunk of readChunks(fetcher, place, offset, stable)) {
    if (chunk.corrupt !== undefined) note(`${chunk.corrupt.error.message}; passed over`);
    for (const one of loggedIn(chunk, place.partition)) {
      return one.view.offset === offset ? one : { missing: `${at} ${noRecord}; the next one is at ${one.view.offset}` };
    }
  }
  return { missing: `${at} ${noRecord}; none follows` };
}

const noRecord = 'is no record to see: the end of a transaction, a record of an aborted one, or gone by compaction';
