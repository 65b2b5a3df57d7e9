import type { RecordBatch, RecordView } from '../records/batches.ts';

/** The records of these batches from an offset on. By hand for the same reason as `recordsIn`. */
export function recordsFrom(batches: readonly RecordBatch[], from: bigint): IterableIterator<RecordView> {
  let [next, whole] = [0, true];
  let current: Iterator<RecordView> = [].values();
  const records: IterableIterator<RecordView> = {
    [Symbol.iterator]: () => records,
    next: () => {
      for (;;) {
        const found = current.next();
        // Only the first batch can begin before, and looking at each record's offset makes a number each.
        if (found.done !== true && (whole || found.value.offset >= from)) return found;
        if (found.done !== true) continue;
        const batch = batches[next++];
        if (batch === undefined) return { done: true, value: undefined };
        whole = batch.baseOffset >= from;
        current = batch.records()[Symbol.iterator]();
      }
    },
  };
  return records;
}
