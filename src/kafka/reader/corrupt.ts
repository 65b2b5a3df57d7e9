import type { DownlinkError } from '../../errors.ts';
import type { Fetched } from '../api/01-fetch.ts';
import { layout, magicV2, uncounted } from '../records/batch-layout.ts';

/** What a damaged batch ends in: a failure, or a chunk of its own with the raw bytes, and reading goes on behind it. */
export type OnCorrupt = 'fail' | 'hand out';

/** A damaged batch, for whoever keeps it: as a dead letter, say. */
export interface CorruptBatch {
  readonly error: DownlinkError;
  /** All that came of it; where its size is the lie, all up to where the next batch is seen to begin. */
  readonly bytes: Buffer;
  /** The first offset in it. */
  readonly position: bigint;
  /** The first offset behind it. */
  readonly next: bigint;
}

/** The damaged batch that begins here in what was fetched; undefined where nobody can say at which offset the next begins. */
export function corruptBatchAt(
  { records: bytes, highWatermark }: Fetched,
  at: number,
  from: bigint,
  error: DownlinkError,
): CorruptBatch | undefined {
  if (bytes.length - at < layout.records || bytes[at + layout.magic] !== magicV2) return undefined;
  const position = bytes.readBigInt64BE(at + layout.baseOffset);
  const delta = bytes.readInt32BE(at + layout.lastOffsetDelta);
  const next = position + BigInt(delta) + 1n;
  if (position < 0n || delta < 0 || next <= from || next > highWatermark) return undefined;
  const behind = at + layout.records;
  const said = at + uncounted + bytes.readInt32BE(at + layout.batchLength);
  const follower = said < behind ? undefined : baseOffsetAt(bytes, said);
  // To go on at `next` would pass over the batch that stands there before it.
  if (follower !== undefined && follower > position && follower < next) return undefined;
  const isTrue = said >= behind && (follower === undefined ? isCutHead(bytes, said, next) : follower >= next);
  return { error, bytes: bytes.subarray(at, isTrue ? said : beginOf(next, bytes, behind)), position, next };
}

/** The base offset of what has the looks of a batch. */
const baseOffsetAt = (bytes: Buffer, at: number): bigint | undefined =>
  bytes[at + layout.magic] === magicV2 ? bytes.readBigInt64BE(at) : undefined;

function inBytes(offset: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(offset);
  return bytes;
}

/** Too little follows to be a batch, but that could be the begin of one; nothing, mostly. */
function isCutHead(bytes: Buffer, at: number, offset: bigint): boolean {
  const left = bytes.length - at;
  return (
    left >= 0 &&
    inBytes(offset)
      .subarray(0, left)
      .equals(bytes.subarray(at, at + 8))
  );
}

/** Where a batch of this offset begins; without one, the end of the bytes. */
function beginOf(offset: bigint, bytes: Buffer, behind: number): number {
  const wanted = inBytes(offset);
  for (let at = bytes.indexOf(wanted, behind); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    if (bytes[at + layout.magic] === magicV2) return at;
  }
  return bytes.length;
}
