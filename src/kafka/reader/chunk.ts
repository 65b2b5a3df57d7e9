import { classify, DownlinkError } from '../../errors.ts';
import type { Fetched } from '../api/01-fetch.ts';
import { recordsFrom } from './records-from.ts';
import { batchesIn, type RecordBatch, type RecordView } from '../records/batches.ts';
import { committedOnly } from '../records/committed.ts';
import { corruptBatchAt, type CorruptBatch, type OnCorrupt } from './corrupt.ts';

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
  /** Only of a reader that hands damaged batches out: the chunk is this batch, and has no records. */
  readonly corrupt?: CorruptBatch;
  /**
   * The records from the asked position on, of what users may see. Fails with `batch-corrupt` where a batch is found
   * damaged as it is unpacked, behind all records before it; never of a reader that hands damaged batches out.
   */
  records(): Iterable<RecordView>;
}

/**
 * `cut`: not even the first batch came whole. Undefined: nothing new. What is good before a damaged batch is a chunk of
 * its own; one that is damaged at the asked position is handed out or, as `batch-corrupt`, thrown.
 */
export function chunkOf(
  fetched: Fetched,
  from: bigint,
  committed: boolean,
  onCorrupt: OnCorrupt = 'fail',
): Chunk | 'cut' | undefined {
  const { records: bytes, aborted, highWatermark, lastStable, logStart } = fetched;
  if (bytes.length === 0) return undefined;
  const { last, batches, fault } = soundBatches(fetched, committed ? aborted : undefined, onCorrupt);
  const position = last !== undefined && last.lastOffset + 1n > from ? last.lastOffset + 1n : from;
  if (fault !== undefined && position === from) return corruptChunk(fetched, last?.end ?? 0, from, fault, onCorrupt);
  if (last === undefined) return 'cut';
  const records = () => recordsFrom(batches, from);
  return { from, position, highWatermark, lastStable, logStart, bytes: bytes.length, batches, records };
}

/** For a first batch that does not come whole, however much is asked for: its size is a lie. */
export function endlessChunk(fetched: Fetched, from: bigint, onCorrupt: OnCorrupt): Chunk {
  const what = `${nameOf(fetched)}: the batch at offset ${from}: it does not end within a GiB`;
  return corruptChunk(fetched, 0, from, new DownlinkError('batch-corrupt', what), onCorrupt);
}

interface Sound {
  /** The last in which no fault was found, for users or not. */
  readonly last: RecordBatch | undefined;
  /** Those for users. */
  readonly batches: readonly RecordBatch[];
  /** What is wrong with the one behind them. */
  readonly fault: DownlinkError | undefined;
}

function soundBatches(fetched: Fetched, aborted: Fetched['aborted'] | undefined, onCorrupt: OnCorrupt): Sound {
  let last: RecordBatch | undefined;
  function* all(): Generator<RecordBatch, void> {
    for (const batch of batchesIn(fetched.records, { of: nameOf(fetched) })) {
      yield batch;
      // Who took it asks for the next one: there was no fault in it.
      last = batch;
    }
  }
  const batches: RecordBatch[] = [];
  try {
    for (const batch of aborted === undefined ? all() : committedOnly(all(), aborted)) {
      if (batch.control) continue;
      // Unpacks it, and looks at every size in it.
      if (onCorrupt === 'hand out') batch.records();
      batches.push(batch);
    }
    return { last, batches, fault: undefined };
  } catch (thrown) {
    const fault = classify(thrown);
    if (fault.code !== 'batch-corrupt') throw fault;
    return { last, batches, fault };
  }
}

function corruptChunk(fetched: Fetched, at: number, from: bigint, error: DownlinkError, onCorrupt: OnCorrupt): Chunk {
  const corrupt = onCorrupt === 'hand out' ? corruptBatchAt(fetched, at, from, error) : undefined;
  if (corrupt === undefined) throw error;
  const { highWatermark, lastStable, logStart, records: bytes } = fetched;
  const chunk = { from, position: corrupt.next, highWatermark, lastStable, logStart, bytes: bytes.length };
  return { ...chunk, batches: [], corrupt, records: () => [] };
}

const nameOf = ({ topic, partition }: Fetched): string => `${topic} ${partition}`;
