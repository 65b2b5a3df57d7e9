import { crc32c } from '@node-rs/crc32';
import { DownlinkError } from '../../errors.ts';
import { attributes, layout, magicV2, smallestRecord, uncounted } from './batch-layout.ts';
import { codecs, unpack, type Codec } from './codecs.ts';
import { faultOf, recordsIn, type RecordView } from './record-views.ts';

export type { RecordView } from './record-views.ts';

/** A record batch where it lies; `raw` and all views keep the fetched bytes alive. */
export interface RecordBatch {
  readonly baseOffset: bigint;
  /** Also where compaction took the last records away: the position behind the batch is one more. */
  readonly lastOffset: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  /** Markers of a transaction's end, no user's records. */
  readonly control: boolean;
  readonly count: number;
  readonly maxTimestamp: bigint;
  /** Its records' timestamps are of when the broker took them. */
  readonly appendTime: boolean;
  /** Undefined: none that is known. */
  readonly codec: Codec | undefined;
  /** The whole batch, as it came. */
  readonly raw: Buffer;
  /** The position behind it in the bytes that it was read from. */
  readonly end: number;
  /** Unpacks and checks the whole batch before it answers; each call does so anew. */
  records(): Iterable<RecordView>;
}

export interface ReadOptions {
  /** Look at each batch's checksum; on unless it is switched off. */
  readonly crc?: boolean;
  /** How many bytes the records of one batch may unpack to. */
  readonly maxUnpacked?: number;
  /** What the bytes are of; stands first in every error. */
  readonly of?: string;
}

const defaultMaxUnpacked = 64 * 2 ** 20;

/**
 * The batches of one partition in what a Fetch answered, one after the other. A last one that is cut is left out, as
 * brokers cut where the limit of a fetch is; bytes without any whole batch call for a fetch of more bytes.
 */
export function* batchesIn(bytes: Buffer, options: ReadOptions = {}): Generator<RecordBatch, void> {
  const { crc = true, maxUnpacked = defaultMaxUnpacked, of } = options;
  for (let at = 0; at + layout.magic < bytes.length;) {
    const length = bytes.readInt32BE(at + layout.batchLength);
    const end = at + uncounted + length;
    const fault = faultOfHeader(bytes, at, length);
    if (fault) throw corrupt(of, bytes.readBigInt64BE(at), fault);
    if (end > bytes.length) return;
    const batch = new Batch(bytes.subarray(at, end), end, maxUnpacked, of);
    batch.check(crc);
    yield batch;
    at = end;
  }
}

function faultOfHeader(bytes: Buffer, at: number, length: number): string | null {
  const magic = bytes[at + layout.magic] ?? 0;
  if (magic < magicV2) return `its format is the old version ${magic}, which Kafka 4 and downlink no longer read`;
  if (magic > magicV2) return `nobody knows its format version ${magic}`;
  return length < layout.records - uncounted ? `its size can't be ${length}` : null;
}

class Batch implements RecordBatch {
  readonly raw: Buffer;
  readonly end: number;
  readonly baseOffset: bigint;
  readonly count: number;
  readonly #attributes: number;
  readonly #lastOffsetDelta: number;
  readonly #maxUnpacked: number;
  readonly #of: string | undefined;

  constructor(raw: Buffer, end: number, maxUnpacked: number, of: string | undefined) {
    this.raw = raw;
    this.end = end;
    this.baseOffset = raw.readBigInt64BE(layout.baseOffset);
    this.count = raw.readInt32BE(layout.count);
    this.#attributes = raw.readInt16BE(layout.attributes);
    this.#lastOffsetDelta = raw.readInt32BE(layout.lastOffsetDelta);
    this.#maxUnpacked = maxUnpacked;
    this.#of = of;
  }

  check(crc: boolean): void {
    const fault = this.#fault(crc);
    if (fault) throw corrupt(this.#of, this.baseOffset, fault);
  }

  #fault(crc: boolean): string | null {
    const { raw, count } = this;
    if (crc && crc32c(raw.subarray(layout.attributes)) !== raw.readUInt32BE(layout.crc)) return 'its checksum is wrong';
    if (this.baseOffset < 0n) return "its base offset can't be";
    if (this.#lastOffsetDelta < 0) return `its last offset delta can't be ${this.#lastOffsetDelta}`;
    // Compaction takes records away and leaves the offsets; it never adds one.
    if (count < 0 || count > this.#lastOffsetDelta + 1) return `its count can't be ${count}`;
    if (!this.#codec && count * smallestRecord > raw.length - layout.records) return `its count can't be ${count}`;
    return null;
  }

  get #codec(): number {
    return this.#attributes & attributes.codec;
  }

  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.#lastOffsetDelta);
  }

  get producerId(): bigint {
    return this.raw.readBigInt64BE(layout.producerId);
  }

  get producerEpoch(): number {
    return this.raw.readInt16BE(layout.producerEpoch);
  }

  get baseSequence(): number {
    return this.raw.readInt32BE(layout.baseSequence);
  }

  get transactional(): boolean {
    return (this.#attributes & attributes.transactional) !== 0;
  }

  get control(): boolean {
    return (this.#attributes & attributes.control) !== 0;
  }

  get maxTimestamp(): bigint {
    return this.raw.readBigInt64BE(layout.maxTimestamp);
  }

  get appendTime(): boolean {
    return (this.#attributes & attributes.logAppendTime) !== 0;
  }

  get codec(): Codec | undefined {
    return codecs[this.#codec];
  }

  records(): Iterable<RecordView> {
    const packed = this.#codec !== 0;
    // A batch that compaction emptied may keep the codec of what it held.
    const bytes = packed && this.count > 0 ? this.#unpacked() : this.raw;
    const begin = bytes === this.raw ? layout.records : 0;
    const fault = faultOf(bytes, begin, this.count, this.#lastOffsetDelta);
    if (fault) throw corrupt(this.#of, this.baseOffset, fault);
    return recordsIn(bytes, begin, this.count, {
      baseOffset: this.baseOffset,
      firstTimestamp: Number(this.raw.readBigInt64BE(layout.firstTimestamp)),
      appendTime: this.appendTime ? Number(this.maxTimestamp) : null,
    });
  }

  #unpacked(): Buffer {
    try {
      return unpack(this.#codec, this.raw.subarray(layout.records), this.#maxUnpacked);
    } catch (cause) {
      throw corrupt(this.#of, this.baseOffset, this.#unpackFault(cause), cause);
    }
  }

  #unpackFault(cause: unknown): string {
    const { code, message } = Object(cause) as Readonly<Record<'code' | 'message', unknown>>;
    if (code === 'ERR_BUFFER_TOO_LARGE') return `it unpacks to more than ${this.#maxUnpacked} bytes`;
    return `it cannot be unpacked (${codecs[this.#codec] ?? 'unknown codec'}): ${String(message)}`;
  }
}

function corrupt(of: string | undefined, baseOffset: bigint, fault: string, cause?: unknown): DownlinkError {
  const what = `${of === undefined ? '' : `${of}: `}the batch at offset ${baseOffset}: ${fault}`;
  return new DownlinkError('batch-corrupt', what, { cause });
}
