import type { TopicPartition } from '../cluster.ts';
import type { OutRecord } from '../records/encode-batch.ts';

export type PartitionRecords = TopicPartition & { readonly records: readonly OutRecord[] };

/** Half of what a broker takes in one batch unless it is told otherwise. */
const mostBytes = 512 * 1024;
/** Of a record beside key and value: lengths, offset, time. */
const overhead = 24;

/**
 * What one partition gets in a request is one batch, and a batch has a limit: what is more follows in further requests,
 * one after the other. A record that is too large by itself is left to the broker to refuse.
 */
export function roundsOf(partitions: readonly PartitionRecords[]): readonly (readonly PartitionRecords[])[] {
  const rounds: PartitionRecords[][] = [];
  for (const { topic, partition, records } of partitions) {
    for (const [round, piece] of piecesOf(records).entries()) {
      (rounds[round] ??= []).push({ topic, partition, records: piece });
    }
  }
  return rounds;
}

function piecesOf(records: readonly OutRecord[]): readonly (readonly OutRecord[])[] {
  const pieces: (readonly OutRecord[])[] = [];
  let [from, bytes] = [0, 0];
  for (let i = 0; i < records.length; i++) {
    const size = sizeOf(records[i] as OutRecord);
    if (i > from && bytes + size > mostBytes) {
      pieces.push(records.slice(from, i));
      [from, bytes] = [i, 0];
    }
    bytes += size;
  }
  if (from === 0) return records.length === 0 ? [] : [records];
  return [...pieces, records.slice(from)];
}

function sizeOf({ key, value, headers }: OutRecord): number {
  let size = overhead + (key?.length ?? 0) + (value?.length ?? 0);
  if (headers !== undefined) for (const [name, content] of headers) size += name.length + (content?.length ?? 0) + 4;
  return size;
}
