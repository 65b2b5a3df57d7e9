import { compressFrameSync, uncompressSync as unpackLz4Block } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';
import zlib from 'node:zlib';

/** Codecs by their number in a batch's attributes. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof codecs)[number];
/** Codecs that can be written with every Node. */
export type WritableCodec = Exclude<Codec, 'zstd'>;

export function pack(codec: Exclude<WritableCodec, 'none'>, bytes: Buffer): Buffer {
  switch (codec) {
    case 'gzip':
      // Level 1 takes a quarter of the time of the usual 6 and makes telemetry a tenth larger.
      return zlib.gzipSync(bytes, { level: 1 });
    case 'snappy':
      return packXerial(bytes);
    case 'lz4':
      return compressFrameSync(bytes);
  }
}

/** Throws whatever the codec throws; `limit` holds before memory is taken, whatever the bytes announce. */
export function unpack(codec: number, bytes: Buffer, limit: number): Buffer {
  switch (codecs[codec]) {
    case 'none':
      return bytes;
    case 'gzip':
      return zlib.gunzipSync(bytes, { maxOutputLength: limit, chunkSize: gzipChunk(bytes, limit) });
    case 'snappy':
      return unpackSnappy(bytes, limit);
    case 'lz4':
      return unpackLz4(bytes, limit);
    case 'zstd':
      return unpackZstd(bytes, limit);
    case undefined:
  }
  throw new Error(`no codec has the number ${codec}`);
}

/** One byte of gzip can stand for 1032 bytes at most. */
const gzipRatio = 1032;

/** A gzip stream ends with its unpacked size: a true one saves growing in steps, and a false one costs some. */
function gzipChunk(bytes: Buffer, limit: number): number {
  const announced = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  return Math.max(Math.min(announced + 1, bytes.length * gzipRatio, limit), 1 << 10);
}

/** What snappy-java writes, and so every client reads: this, two versions, then blocks with a size each. */
const xerialHeader = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const xerialMagic = xerialHeader.subarray(0, 8);

function packXerial(bytes: Buffer): Buffer {
  const block = compressSync(bytes);
  const size = Buffer.allocUnsafe(4);
  size.writeUInt32BE(block.length);
  return Buffer.concat([xerialHeader, size, block]);
}

function unpackSnappy(bytes: Buffer, limit: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return unpackBlock(bytes, limit);
  const blocks: Buffer[] = [];
  let left = limit;
  for (let at = xerialHeader.length; at < bytes.length;) {
    const begin = at + 4;
    const size = begin <= bytes.length ? bytes.readUInt32BE(at) : Infinity;
    at = begin + size;
    if (at > bytes.length) throw new Error('a snappy block is cut');
    const block = unpackBlock(bytes.subarray(begin, at), left);
    left -= block.length;
    blocks.push(block);
  }
  return joined(blocks);
}

/** Three bytes of a snappy block can stand for 64 bytes at most; one that announces more lies. */
const snappyRatio = 22;

function unpackBlock(block: Buffer, limit: number): Buffer {
  let announced = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i] ?? 0;
    announced += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) break;
  }
  if (announced > limit) throw tooLarge(limit);
  if (announced > block.length * snappyRatio)
    throw new Error(`a snappy block can't hold the ${announced} bytes it says`);
  const unpacked = uncompressSync(block);
  return typeof unpacked === 'string' ? Buffer.from(unpacked) : unpacked;
}

const lz4 = {
  magic: 0x184d2204,
  independent: 0x20,
  blockChecksum: 0x10,
  contentSize: 0x08,
  dictionary: 0x01,
};

/**
 * The first LZ4 frame, block by block: the package's own reader of frames knows no limit, and takes three times as long.
 * The checksums of the frame are passed over, as the batch has one.
 */
function unpackLz4(bytes: Buffer, limit: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== lz4.magic) throw new Error('this is no LZ4 frame');
  const flags = bytes[4] ?? 0;
  if (!(flags & lz4.independent) || flags & lz4.dictionary) throw new Error('its blocks depend on others');
  const largest = 1 << (8 + 2 * (((bytes[5] ?? 0) >>> 4) & 7));
  const blocks: Buffer[] = [];
  let left = limit;
  for (let at = 7 + (flags & lz4.contentSize ? 8 : 0); ;) {
    const word = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Infinity;
    if (word === 0) return joined(blocks);
    const begin = at + 4;
    const stored = word >= 0x8000_0000;
    const end = begin + (stored ? word - 0x8000_0000 : word);
    if (end > bytes.length) throw new Error('an LZ4 frame is cut');
    // To count what a block unpacks to takes longer than to give it the room of the largest.
    const size = stored ? end - begin : largest <= left ? largest : lz4BlockSize(bytes, begin, end);
    if (size > left) throw tooLarge(limit);
    const block = stored ? bytes.subarray(begin, end) : unpackLz4Block(withSize(bytes.subarray(begin, end), size));
    left -= block.length;
    blocks.push(block);
    at = end + (flags & lz4.blockChecksum ? 4 : 0);
  }
}

/** The package wants to be told in front of a block how much room it needs at most. */
function withSize(block: Buffer, size: number): Buffer {
  const sized = Buffer.allocUnsafe(4 + block.length);
  sized.writeUInt32LE(size);
  sized.set(block, 4);
  return sized;
}

const joined = (blocks: readonly Buffer[]): Buffer => {
  const [first] = blocks;
  return first && blocks.length === 1 ? first : Buffer.concat(blocks);
};

/** What an LZ4 block unpacks to: literals that are in it, then a match of four bytes or more, and so on. */
function lz4BlockSize(bytes: Buffer, begin: number, end: number): number {
  let size = 0;
  let at = begin;
  const longer = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = bytes[at++] ?? 0;
    return length;
  };
  while (at < end) {
    const token = bytes[at++] ?? 0;
    const literals = longer(token >>> 4);
    at += literals + 2;
    size += literals + (at < end ? longer(token & 15) + 4 : 0);
  }
  return size;
}

type Unzstd = (bytes: Buffer, options: { maxOutputLength: number; params: Record<number, number> }) => Buffer;

/** ZSTD_d_windowLogMax: how much of what it has unpacked the decoder may keep at hand. Every encoder keeps to 2^23. */
const zstdWindow = 100;

function unpackZstd(bytes: Buffer, limit: number): Buffer {
  const decompress = Reflect.get(zlib, 'zstdDecompressSync') as Unzstd | undefined;
  if (!decompress) throw new Error(`zstd needs Node 22.15 or newer, and this is ${process.version}`);
  const window = Math.max(23, Math.floor(Math.log2(limit)));
  return decompress(bytes, { maxOutputLength: limit, params: { [zstdWindow]: window } });
}

export const tooLarge = (limit: number): RangeError =>
  Object.assign(new RangeError(`it unpacks to more than ${limit} bytes`), { code: 'ERR_BUFFER_TOO_LARGE' });
