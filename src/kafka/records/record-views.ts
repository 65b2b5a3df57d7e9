import { smallestRecord } from './batch-layout.ts';
import { Cursor } from './varints.ts';

/** A record where it lies: what it hands out are views into what was fetched, and keep that alive. */
export interface RecordView {
  readonly offset: bigint;
  /** Milliseconds since 1970: when it was made or, if the topic says so, when the broker took it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Of key and value, without making views of them. */
  readonly size: number;
  readonly hasHeaders: boolean;
  keyText(): string | null;
  headers(): readonly (readonly [name: string, value: Buffer | null])[];
}

/** What the records of a batch have in common. */
export interface Frame {
  readonly baseOffset: bigint;
  readonly firstTimestamp: number;
  /** Holds for all records of the batch. */
  readonly appendTime: number | null;
}

/** Where a record's parts begin; the length of what is null is −1. */
class View implements RecordView {
  readonly timestamp: number;
  readonly #bytes: Buffer;
  readonly #baseOffset: bigint;
  readonly #offsetDelta: number;
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #valueAt: number;
  readonly #valueLength: number;

  constructor(bytes: Buffer, frame: Frame, cursor: Cursor) {
    const timestampDelta = cursor.varlong();
    this.timestamp = frame.appendTime ?? frame.firstTimestamp + timestampDelta;
    this.#bytes = bytes;
    this.#baseOffset = frame.baseOffset;
    this.#offsetDelta = cursor.varint();
    this.#keyLength = cursor.varint();
    this.#keyAt = cursor.at;
    if (this.#keyLength > 0) cursor.at += this.#keyLength;
    this.#valueLength = cursor.varint();
    this.#valueAt = cursor.at;
  }

  get offset(): bigint {
    return this.#baseOffset + BigInt(this.#offsetDelta);
  }

  get key(): Buffer | null {
    return part(this.#bytes, this.#keyAt, this.#keyLength);
  }

  get value(): Buffer | null {
    return part(this.#bytes, this.#valueAt, this.#valueLength);
  }

  get size(): number {
    return Math.max(0, this.#keyLength) + Math.max(0, this.#valueLength);
  }

  get hasHeaders(): boolean {
    // Their count: 0 is a zero byte.
    return this.#bytes[this.#valueAt + Math.max(0, this.#valueLength)] !== 0;
  }

  keyText(): string | null {
    return this.#keyLength < 0 ? null : text(this.#bytes, this.#keyAt, this.#keyLength);
  }

  headers(): readonly (readonly [string, Buffer | null])[] {
    const cursor = new Cursor(this.#bytes, this.#valueAt + Math.max(0, this.#valueLength));
    return Array.from({ length: cursor.varint() }, () => {
      const nameLength = cursor.varint();
      const name = text(this.#bytes, cursor.at, nameLength);
      cursor.at += nameLength;
      const length = cursor.varint();
      const value = part(this.#bytes, cursor.at, length);
      if (length > 0) cursor.at += length;
      return [name, value] as const;
    });
  }
}

const part = (bytes: Buffer, at: number, length: number): Buffer | null =>
  length < 0 ? null : bytes.subarray(at, at + length);

/** Keys are names of entities and come again and again: the same text is found more quickly than made, and is one string. */
const known: string[] = new Array<string>(256).fill('');
const longestKnown = 24;

function text(bytes: Buffer, at: number, length: number): string {
  if (length > longestKnown) return bytes.toString('utf8', at, at + length);
  let hash = length;
  for (let i = at; i < at + length; i++) hash = (hash * 31 + (bytes[i] ?? 0)) | 0;
  const slot = (hash ^ (hash >>> 8)) & 255;
  const candidate = known[slot] ?? '';
  return isText(candidate, bytes, at, length) ? candidate : (known[slot] = bytes.toString('utf8', at, at + length));
}

/** Only for ASCII: what is none has other character codes than bytes, and is never found. */
function isText(candidate: string, bytes: Buffer, at: number, length: number): boolean {
  if (candidate.length !== length) return false;
  for (let i = 0; i < length; i++) if (candidate.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}

/**
 * Why these are not `count` records that fill the bytes, null if they are. It looks at every length and makes nothing,
 * so that `recordsIn` can believe what it reads and a batch is refused before any of its records was handed out.
 */
export function faultOf(bytes: Buffer, begin: number, count: number, lastOffsetDelta: number): string | null {
  const cursor = new Cursor(bytes, begin);
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const size = cursor.varint();
    const end = cursor.at + size;
    if (size < smallestRecord - 1 || end > bytes.length) return `the size of record ${i} can't be`;
    cursor.at++;
    cursor.skipVarlong();
    const delta = cursor.varint();
    if (delta <= previous || delta > lastOffsetDelta) return `the offset of record ${i} can't be`;
    previous = delta;
    if (!skipParts(cursor, end)) return `a size in record ${i} can't be`;
  }
  return cursor.at === bytes.length ? null : `bytes are left behind its ${count} records`;
}

/** Passes key, value and headers; false if they don't end where the record does. */
function skipParts(cursor: Cursor, end: number): boolean {
  skipBytes(cursor);
  skipBytes(cursor);
  if (cursor.at >= end) return false;
  const headers = cursor.varint();
  // Each takes two bytes, and none is without a name.
  if (headers < 0 || headers * 2 > end - cursor.at) return false;
  for (let i = 0; i < headers; i++) {
    const length = cursor.varint();
    if (length < 0) return false;
    cursor.at += length;
    skipBytes(cursor);
    if (cursor.at > end) return false;
  }
  return cursor.at === end;
}

function skipBytes(cursor: Cursor): void {
  const length = cursor.varint();
  if (length > 0) cursor.at += length;
}

/**
 * The records of bytes in which `faultOf` found no fault, one after the other. An iterator by hand, because a generator is
 * not inlined and would cost as much as the record.
 */
export function recordsIn(bytes: Buffer, begin: number, count: number, frame: Frame): IterableIterator<RecordView> {
  const cursor = new Cursor(bytes, begin);
  let left = count;
  const records: IterableIterator<RecordView> = {
    [Symbol.iterator]: () => records,
    next: () => {
      if (left === 0) return { done: true, value: undefined };
      left--;
      const end = cursor.varint() + cursor.at;
      cursor.at++;
      const value = new View(bytes, frame, cursor);
      cursor.at = end;
      return { done: false, value };
    },
  };
  return records;
}
