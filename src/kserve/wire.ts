/** Protocol Buffers' wire format by hand, for the messages of inference: a general library costs more than the network there. */

/** The bytes are no message: cut short, or something in them can't be. */
export class Malformed extends Error {}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

export const cursorOver = (bytes: Buffer): Cursor => ({ bytes, at: 0 });

/** For tags, lengths and anything else below 2^32. */
export function readUint(cursor: Cursor): number {
  const { bytes } = cursor;
  const first = bytes[cursor.at++];
  if (first === undefined) throw new Malformed('the message is cut short');
  if (first < 0x80) return first;
  let value = first & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Malformed('the message is cut short');
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value % 2 ** 32;
  }
  // A negative int32 takes ten bytes; what is above 32 bits does not count.
  for (let more = 0; more < 5; more++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Malformed('the message is cut short');
    if (byte < 0x80) return value % 2 ** 32;
  }
  throw new Malformed('a number is longer than ten bytes');
}

export function readUint64(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new Malformed('the message is cut short');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new Malformed('a number is longer than ten bytes');
}

export const readInt64 = (cursor: Cursor): bigint => BigInt.asIntN(64, readUint64(cursor));

/** Lengths of dimensions: almost always one byte or two. */
export function readDimension(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte !== undefined && byte < 0x80) {
    cursor.at++;
    return byte;
  }
  return Number(readInt64(cursor));
}

export function readBytes(cursor: Cursor): Buffer {
  const length = readUint(cursor);
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new Malformed('the message is cut short');
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

export function readText(cursor: Cursor): string {
  const length = readUint(cursor);
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new Malformed('the message is cut short');
  const text = length < 24 ? shortText(cursor.bytes, cursor.at, end) : undefined;
  const found = text ?? cursor.bytes.toString('utf8', cursor.at, end);
  cursor.at = end;
  return found;
}

/** Names are short and ASCII, and a call out of JavaScript costs more than they do. */
function shortText(bytes: Buffer, from: number, to: number): string | undefined {
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0x80;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

export function skip(cursor: Cursor, wireType: number): void {
  if (wireType === wireTypes.varint) readUint64(cursor);
  else if (wireType === wireTypes.fixed64) cursor.at += 8;
  else if (wireType === wireTypes.bytes) cursor.at += readUint(cursor);
  else if (wireType === wireTypes.fixed32) cursor.at += 4;
  else throw new Malformed(`there is no wire type ${wireType}`);
  if (cursor.at > cursor.bytes.length) throw new Malformed('the message is cut short');
}

/** Calls back for each field of a message that lies in `bytes`; what it does not take is skipped. */
export function readFields(bytes: Buffer, take: (field: number, cursor: Cursor, wireType: number) => boolean): void {
  const cursor = cursorOver(bytes);
  while (cursor.at < bytes.length) {
    const tag = readUint(cursor);
    const wireType = tag & 7;
    if (!take(tag >>> 3, cursor, wireType)) skip(cursor, wireType);
  }
}
