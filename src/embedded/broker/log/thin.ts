import { batchesIn, type RecordBatch, type RecordView } from '../../../kafka/records/batches.ts';
import { encodeBatch } from '../../../kafka/records/encode-batch.ts';
import { decided, headAt, isSound, place, sequenceAfter, type Batch } from './batch.ts';

/** However large a batch claims to be, this much of it is unpacked; one that is larger stays as it is. */
const maxUnpacked = 16 * 1024 * 1024;
/** So many records at most are held at once: a batch may unpack to millions. */
const mostHeld = 1_000;
/** Times from here on cannot be written again; with them a batch stays as it is. */
const latestTime = 2 ** 52;

const unknown: readonly RecordView[] = [];

/** None where they cannot be looked at: a wrong checksum is not to become a right one. */
export function recordsOf({ bytes, head }: Batch): { batch?: RecordBatch; records: Iterable<RecordView> } {
  if (!isSound(bytes, 0, head)) return { records: unknown };
  try {
    const [batch] = batchesIn(bytes, { crc: false, maxUnpacked });
    return batch === undefined ? { records: unknown } : { batch, records: batch.records() };
  } catch {
    return { records: unknown };
  }
}

/**
 * What is left of a batch that is committed: itself, or its records that are kept, with their offsets and sequences. It is of no
 * transaction any more, so that no start waits for an end of it whose marker is gone.
 */
export function* thin(whole: Batch, isKept: (record: RecordView) => boolean): Generator<Batch, void> {
  const { batch, records } = recordsOf(whole);
  let gone = 0;
  for (const record of records) {
    if (Math.abs(record.timestamp) > latestTime) {
      yield decided(whole);
      return;
    }
    if (!isKept(record)) gone += 1;
  }
  if (gone === 0 || batch === undefined) {
    yield decided(whole);
    return;
  }
  const { producerId, producerEpoch, codec } = batch;
  const written = (run: readonly RecordView[], first: number): Batch => {
    const offset = first - whole.head.baseOffset;
    const bytes = encodeBatch(
      run.map((one) => ({ key: one.key, value: one.value, timestamp: one.timestamp, headers: one.headers() })),
      {
        ...{ producerId, producerEpoch, transactional: false },
        baseSequence: producerId < 0 ? -1 : sequenceAfter(batch.baseSequence, offset),
        // Not every Node can write zstd.
        codec: codec === 'zstd' || codec === undefined ? 'lz4' : codec,
      },
    );
    const head = headAt(bytes, 0);
    if (head === undefined) throw new Error('a batch that was just made');
    return { bytes, head: place(bytes, 0, head, first) };
  };
  let run: RecordView[] = [];
  let first = 0;
  for (const record of recordsOf(whole).records) {
    if (!isKept(record)) continue;
    const offset = Number(record.offset);
    if (run.length > 0 && (offset !== first + run.length || run.length === mostHeld)) {
      yield written(run, first);
      run = [];
    }
    if (run.length === 0) first = offset;
    run.push(record);
  }
  if (run.length > 0) yield written(run, first);
}
