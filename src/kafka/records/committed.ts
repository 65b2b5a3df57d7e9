import type { RecordBatch } from './batches.ts';

/** A Fetch's answer names these beside the bytes: the transaction was aborted, and begins at this offset. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/**
 * What a consumer that reads committed may see of one fetch: no control batches, and no batch of an aborted
 * transaction. The broker ends a fetch before the first open transaction and leaves these two to the client.
 */
export function* committedOnly(
  batches: Iterable<RecordBatch>,
  aborted: readonly AbortedTransaction[],
): Generator<RecordBatch, void> {
  const ahead = [...aborted].sort((a, b) =>
    a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0,
  );
  const aborting = new Set<bigint>();
  let next = 0;
  for (const batch of batches) {
    for (let one = ahead[next]; one && one.firstOffset <= batch.lastOffset; one = ahead[++next]) {
      aborting.add(one.producerId);
    }
    if (batch.control) {
      if (controlTypeOf(batch) === 'abort') aborting.delete(batch.producerId);
    } else if (!batch.transactional || !aborting.has(batch.producerId)) yield batch;
  }
}

export type ControlType = 'abort' | 'commit' | 'other';

/** What a control batch says: its only record has the key {version i16, type i16}. Null for batches of users. */
export function controlTypeOf(batch: RecordBatch): ControlType | null {
  if (!batch.control) return null;
  for (const { key } of batch.records()) {
    const type = key && key.length >= 4 ? key.readInt16BE(2) : -1;
    return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other';
  }
  return 'other';
}
