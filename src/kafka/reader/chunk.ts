import type { Fetched } from '../api/01-fetch.ts';
import { batchesIn, type RecordBatch, type RecordView } from '../records/batches.ts';
import { committedOnly } from '../records/committed.ts';

/** What one fetch gave of one partition, in offset order. */
export interface Chunk {
  /** The position that was asked for: the first batch may begin before it. */
  readonly from: bigint;
  /** Where reading goes on. It moves also where there is nothing for users: markers, and what was aborted. */
  readonly position: bigint;
  readonly highWatermark: bigint;
  /** Up to here everything is decided; a reader of committed records sees nothing beyond it. */
  readonly lastStable: bigint;
  readonly logStart: bigint;
  /** What it holds in memory. */
  readonly bytes: number;
  readonly batches: readonly RecordBatch[];
  /** The records from the asked position on, of what users may see. */
  records(): Iterable<RecordView>;
}

/** `cut`: not even the first batch came whole. Undefined: nothing new. Throws `batch-corrupt`. */
export function chunkOf(fetched: Fetched, from: bigint, committed: boolean): Chunk | 'cut' | undefined {
  const { records: bytes, aborted, highWatermark, lastStable, logStart } = fetched;
  if (bytes.length === 0) return undefined;
  const all = [...batchesIn(bytes)];
  const last = all.at(-1);
  if (last === undefined) return 'cut';
  const batches = committed ? [...committedOnly(all, aborted)] : all.filter(({ control }) => !control);
  const position = last.lastOffset + 1n > from ? last.lastOffset + 1n : from;
  function* records(): Generator<RecordView> {
    for (const batch of batches) {
      // Only the first can begin before, and looking at each record's offset makes a number each.
      const whole = batch.baseOffset >= from;
      for (const record of batch.records()) if (whole || record.offset >= from) yield record;
    }
  }
  return { from, position, highWatermark, lastStable, logStart, bytes: bytes.length, batches, records };
}
