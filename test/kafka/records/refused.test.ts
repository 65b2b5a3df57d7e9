import zlib from 'node:zlib';
import { expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { batchesIn, type ReadOptions } from '../../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../../src/kafka/records/encode-batch.ts';
import { plain } from './random-records.ts';

const whole = encodeBatch(
  [1, 2, 3].map((timestamp) => ({ key: 'key', value: 'value', timestamp, headers: [['name', 'x'] as const] })),
  plain,
);
const mebi = 2 ** 20;

/** With the right size and checksum. */
function sealed(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

function changed(change: (bytes: Buffer) => unknown, seal = true): Buffer {
  const bytes = Buffer.from(whole);
  bytes.writeBigInt64BE(4711n);
  change(bytes);
  return seal ? sealed(bytes) : bytes;
}

/** A batch of `count` records whose records' bytes are these, packed with a codec or said to be. */
function packed(codec: number, records: Uint8Array, count = 1): Buffer {
  const bytes = Buffer.concat([whole.subarray(0, 61), records]);
  bytes.writeBigInt64BE(4711n);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(count - 1, 23);
  bytes.writeInt32BE(count, 57);
  return sealed(bytes);
}

/** One record with these headers, whose last bytes are replaced by as many others: nothing else is wrong with it. */
function withLastBytes(headers: readonly (readonly [string, string])[], last: readonly number[]): Buffer {
  const bytes = encodeBatch([{ key: 'k', value: 'v', timestamp: 0, headers }], plain);
  bytes.set(last, bytes.length - last.length);
  return sealed(bytes);
}

const read = (bytes: Buffer, options?: ReadOptions) =>
  Array.from(batchesIn(bytes, options), (batch) => Array.from(batch.records(), ({ value }) => value));

const corrupt = (says: string): unknown =>
  expect.objectContaining({
    code: 'batch-corrupt',
    detail: expect.stringMatching(new RegExp(`^the batch at offset -?\\d+: .*${says}`)) as unknown,
  });

test.each([
  ['a flipped bit', changed((bytes) => (bytes[70] = 0xff), false), 'checksum is wrong'],
  ['a size that is too small', changed((bytes) => bytes.writeInt32BE(48, 8), false), "size can't be 48"],
  ['a negative size', changed((bytes) => bytes.writeInt32BE(-1, 8), false), "size can't be -1"],
  ['the first format', changed((bytes) => (bytes[16] = 0)), 'old version 0'],
  ['the second format', changed((bytes) => (bytes[16] = 1)), 'old version 1'],
  ['a format to come', changed((bytes) => (bytes[16] = 3)), 'format version 3'],
  ['a negative offset', changed((bytes) => bytes.writeBigInt64BE(-1n)), "base offset can't be"],
  ['a negative offset delta', changed((bytes) => bytes.writeInt32BE(-1, 23)), "offset delta can't be -1"],
  ['more records than offsets', changed((bytes) => bytes.writeInt32BE(4, 57)), "count can't be 4"],
  ['a negative count', changed((bytes) => bytes.writeInt32BE(-1, 57)), "count can't be -1"],
  ['more records than bytes', packed(0, Buffer.alloc(7), 2 ** 31 - 1), "count can't be 2147483647"],
  ['fewer records than bytes', changed((bytes) => bytes.writeInt32BE(2, 57)), 'left behind its 2 records'],
  ['a record that is too long', changed((bytes) => bytes.writeUInt16BE(0xfe7f, 61)), "size of record 0 can't be"],
  ['a record of a negative size', changed((bytes) => (bytes[61] = 0x01)), "size of record 0 can't be"],
  ['an offset twice', changed((bytes) => (bytes[86] = 0)), "offset of record 1 can't be"],
  ['a key that is too long', changed((bytes) => (bytes[65] = 0x7e)), "a size in record 0 can't be"],
  ['a value that is too long', changed((bytes) => (bytes[69] = 0x7e)), "a size in record 0 can't be"],
  ['headers that are not there', changed((bytes) => (bytes[75] = 0x08)), "a size in record 0 can't be"],
  ['a negative number of headers', withLastBytes([], [0x01]), "a size in record 0 can't be"],
  [
    'a header without a name',
    withLastBytes(
      [
        ['', ''],
        ['', ''],
      ],
      [1, 2, 120, 0],
    ),
    "a size in record 0 can't be",
  ],
  ['a record that ends too soon', withLastBytes([['', '']], [0, 0, 0]), "a size in record 0 can't be"],
  ['an unknown codec', packed(7, Buffer.alloc(7)), 'no codec has the number 7'],
  ['what is no gzip', packed(1, Buffer.alloc(40)), 'gzip.*incorrect header check'],
  ['gzip that is cut', packed(1, zlib.gzipSync(Buffer.alloc(400)).subarray(0, 20)), 'gzip'],
  ['what is no snappy', packed(2, Buffer.from([7, 0xff, 0xff])), 'snappy'],
  ['a snappy block that is cut', packed(2, Buffer.from([...xerial(), 0, 0, 1, 0, 1])), 'a snappy block is cut'],
  ['a snappy size that is cut', packed(2, Buffer.from([...xerial(), 0, 0])), 'a snappy block is cut'],
  [
    'snappy that announces too much',
    packed(2, Buffer.from([0x80, 0x80, 0x40, 0])),
    "a snappy block can't hold the 1048576",
  ],
  ['what is no LZ4', packed(3, Buffer.alloc(40)), 'no LZ4 frame'],
  ['LZ4 that is cut', packed(3, compressFrameSync(Buffer.alloc(400)).subarray(0, -3)), 'LZ4 frame is cut'],
  ['LZ4 with a wrong block', packed(3, Buffer.from([...lz4(), 2, 0, 0, 0, 0x0f, 9, 0, 0, 0, 0])), 'lz4'],
  ['nothing that is packed', packed(3, Buffer.alloc(0)), 'no LZ4 frame'],
])('%s is an error that says so', (_, bytes, says) => {
  expect(() => read(bytes)).toThrow(corrupt(says));
});

function xerial(): Buffer {
  return Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]);
}
function lz4(): Buffer {
  return compressFrameSync(Buffer.from('x'.repeat(100))).subarray(0, 7);
}

/** One record of a key of `size` zeros. */
function largeRecord(size: number): Buffer {
  const [batch] = batchesIn(encodeBatch([{ key: Buffer.alloc(size), value: null, timestamp: 0 }], plain));
  return batch?.raw.subarray(61) ?? Buffer.alloc(0);
}

const bombs: readonly (readonly [string, number, (bytes: Buffer) => Uint8Array])[] = [
  ['gzip', 1, (bytes) => zlib.gzipSync(bytes)],
  ['snappy', 2, (bytes) => compressSync(bytes)],
  ['framed snappy', 2, framed],
  ['lz4', 3, (bytes) => compressFrameSync(bytes)],
];

/** Blocks of 64 kB, as snappy-java writes them. */
function framed(bytes: Buffer): Buffer {
  const parts = [xerial()];
  for (let at = 0; at < bytes.length; at += 2 ** 16) {
    const block = compressSync(bytes.subarray(at, at + 2 ** 16));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

test.each(bombs)('%s that unpacks to the limit is read, and to a byte more is not', (_, codec, pack) => {
  const records = largeRecord(3 * mebi);
  const bytes = packed(codec, pack(records));
  expect(read(bytes, { maxUnpacked: records.length })).toEqual([[null]]);
  const says = `unpacks to more than ${records.length - 1} bytes`;
  expect(() => read(bytes, { maxUnpacked: records.length - 1 })).toThrow(corrupt(says));
});

const repeated = (times: number, ...piece: readonly Uint8Array[]): Buffer[] =>
  Array.from({ length: times }, () => piece)
    .flat()
    .map((bytes) => Buffer.from(bytes));

/** 640 MiB of zeros, made without having them: the memory that the test looks at is that of the reader. */
const zeros = Buffer.alloc(4 * mebi);
const frame = compressFrameSync(zeros);
const bombsOf640: readonly (readonly [string, number, () => Uint8Array])[] = [
  ['gzip', 1, () => Buffer.concat(repeated(160, zlib.gzipSync(zeros)))],
  // A zero, then copies of 64 bytes from one byte before.
  [
    'snappy',
    2,
    () => Buffer.concat([Buffer.from([0x80, 0x80, 0x80, 0xc0, 0x02, 0, 0]), Buffer.alloc(30 * mebi, 'fe0100', 'hex')]),
  ],
  ['framed snappy', 2, () => Buffer.concat([xerial(), ...repeated(160, framed(zeros).subarray(16))])],
  ['lz4', 3, () => Buffer.concat([frame.subarray(0, 7), ...repeated(160, frame.subarray(7, -4)), Buffer.alloc(4)])],
];

test.each(bombsOf640)('a bomb of %s is refused before it takes memory', (_, codec, bomb) => {
  const bytes = packed(codec, bomb());
  const before = process.resourceUsage().maxRSS;
  expect(() => read(bytes)).toThrow(corrupt('unpacks to more than 67108864 bytes'));
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(100 * 1024);
});

test('zstd is read where Node can, and elsewhere the error says since when', () => {
  const records = largeRecord(100);
  // A frame of one block that is not packed.
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, records.length, (records.length << 3) | 1, records.length >> 5, 0];
  const bytes = packed(4, Buffer.from([...header, ...records]));
  if ('zstdDecompressSync' in zlib) expect(read(bytes)).toEqual([[null]]);
  else expect(() => read(bytes)).toThrow(corrupt('zstd needs Node 22.15 or newer'));
});

test('a batch that compaction emptied has offsets and no records', () => {
  const bytes = packed(1, Buffer.alloc(0), 0);
  bytes.writeInt32BE(9, 23);
  const [batch] = batchesIn(sealed(bytes));
  expect([batch?.lastOffset, [...(batch?.records() ?? [])]]).toEqual([4720n, []]);
});
