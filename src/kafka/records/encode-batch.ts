import { crc32c } from '@node-rs/crc32';
import { DownlinkError } from '../../errors.ts';
import { attributes, layout, magicV2, uncounted } from './batch-layout.ts';
import { codecs, pack, type WritableCodec } from './codecs.ts';
import { sizeOfVarint, writeVarint } from './varints.ts';

type Bytes = string | Uint8Array | null;

export interface OutRecord {
  readonly key: Bytes;
  readonly value: Bytes;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly headers?: readonly (readonly [name: string, value: Bytes])[];
}

export interface BatchOptions {
  /** −1 for none, as with the epoch and the sequence. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly codec?: WritableCodec;
}

/** A record batch (format version 2) as Produce takes it: base offset 0, no leader epoch. */
export function encodeBatch(records: readonly OutRecord[], options: BatchOptions): Buffer {
  const { codec = 'none' } = options;
  const { sizes, total, first, last } = measured(records);
  let batch: Buffer;
  if (codec === 'none') {
    batch = Buffer.allocUnsafe(layout.records + total);
    writeRecords(batch, layout.records, records, sizes, first);
  } else {
    const plain = Buffer.allocUnsafe(total);
    writeRecords(plain, 0, records, sizes, first);
    const packed = pack(codec, plain);
    batch = Buffer.allocUnsafe(layout.records + packed.length);
    batch.set(packed, layout.records);
  }
  batch.fill(0, 0, layout.batchLength);
  batch.writeInt32BE(batch.length - uncounted, layout.batchLength);
  batch.writeInt32BE(-1, layout.leaderEpoch);
  batch.writeInt8(magicV2, layout.magic);
  batch.writeInt16BE(codecs.indexOf(codec) | (options.transactional ? attributes.transactional : 0), layout.attributes);
  batch.writeInt32BE(records.length - 1, layout.lastOffsetDelta);
  writeInt64(batch, layout.firstTimestamp, first);
  writeInt64(batch, layout.maxTimestamp, last);
  batch.writeBigInt64BE(options.producerId, layout.producerId);
  batch.writeInt16BE(options.producerEpoch, layout.producerEpoch);
  batch.writeInt32BE(options.baseSequence, layout.baseSequence);
  batch.writeInt32BE(records.length, layout.count);
  batch.writeUInt32BE(crc32c(batch.subarray(layout.attributes)), layout.crc);
  return batch;
}

interface Measured {
  /** In the order in which they are written: of a record its body, key and value, then of each header name and value. */
  readonly sizes: readonly number[];
  readonly total: number;
  readonly first: number;
  readonly last: number;
}

/** Kafka counts the bytes of a batch in 32 bits. */
const largestBatch = 2 ** 31 - 1;
/** So that the difference of two timestamps is exact. */
const largestTimestamp = 2 ** 52;

function measured(records: readonly OutRecord[]): Measured {
  const sizes: number[] = [];
  const first = records[0]?.timestamp ?? unencodable('a batch needs a record');
  let last = first;
  let total = 0;
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as OutRecord;
    const { key, value, timestamp, headers } = record;
    if (!Number.isInteger(timestamp) || Math.abs(timestamp) > largestTimestamp)
      unencodable(`record ${i} of a batch has the timestamp ${timestamp}`);
    if (timestamp > last) last = timestamp;
    const place = sizes.length;
    const keySize = sizeOf(key);
    const valueSize = sizeOf(value);
    sizes.push(0, keySize, valueSize);
    let body = 1 + sizeOfVarint(timestamp - first) + sizeOfVarint(i) + framed(keySize) + framed(valueSize);
    if (headers === undefined) body++;
    else {
      body += sizeOfVarint(headers.length);
      for (const [name, content] of headers) {
        const nameSize = sizeOf(name);
        const contentSize = sizeOf(content);
        sizes.push(nameSize, contentSize);
        body += framed(nameSize) + framed(contentSize);
      }
    }
    sizes[place] = body;
    total += framed(body);
  }
  if (total > largestBatch - layout.records) unencodable(`a batch of ${total} bytes is more than Kafka can count`);
  return { sizes, total, first, last };
}

function writeRecords(
  out: Buffer,
  begin: number,
  records: readonly OutRecord[],
  sizes: readonly number[],
  first: number,
): void {
  let at = begin;
  let next = 0;
  for (let i = 0; i < records.length; i++) {
    const { key, value, timestamp, headers } = records[i] as OutRecord;
    at = writeVarint(out, at, sizes[next++] as number);
    out[at++] = 0;
    at = writeVarint(out, at, timestamp - first);
    at = writeVarint(out, at, i);
    at = write(out, at, key, sizes[next++] as number);
    at = write(out, at, value, sizes[next++] as number);
    if (headers === undefined) out[at++] = 0;
    else {
      at = writeVarint(out, at, headers.length);
      for (const [name, content] of headers) {
        at = write(out, at, name, sizes[next++] as number);
        at = write(out, at, content, sizes[next++] as number);
      }
    }
  }
}

/** Up to this length a loop is quicker than a call of Node's. */
const short = 24;

/** −1 stands for null, as on the wire. */
function sizeOf(content: Bytes): number {
  if (content === null) return -1;
  if (typeof content !== 'string') return content.length;
  const { length } = content;
  if (length > short) return Buffer.byteLength(content);
  for (let i = 0; i < length; i++) if (content.charCodeAt(i) > 0x7f) return Buffer.byteLength(content);
  return length;
}

const framed = (size: number): number => (size < 0 ? 1 : sizeOfVarint(size) + size);

function write(out: Buffer, begin: number, content: Bytes, size: number): number {
  let at = writeVarint(out, begin, size);
  if (content === null) return at;
  if (typeof content !== 'string') out.set(content, at);
  else if (size !== content.length) out.write(content, at);
  else if (size > short) out.write(content, at, 'latin1');
  else {
    for (let i = 0; i < size; i++) out[at++] = content.charCodeAt(i);
    return at;
  }
  return at + size;
}

function writeInt64(out: Buffer, at: number, value: number): void {
  out.writeInt32BE(Math.floor(value / 2 ** 32), at);
  out.writeUInt32BE(value >>> 0, at + 4);
}

function unencodable(detail: string): never {
  throw new DownlinkError('record-unencodable', detail);
}
