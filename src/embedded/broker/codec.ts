import { Out } from '../../kafka/wire/out.ts';

// Kafka's primitive types, both ways. A flexible version writes lengths as varints, and tagged fields behind every structure.

/** A request that does not say what it should. */
export class Malformed extends Error {}

/** In one request, however they are nested: in memory each is far larger than in the request. */
const mostItems = 100_000;

export class Reading {
  readonly #buffer: Buffer;
  readonly #flexible: boolean;
  #at = 0;
  #items = 0;

  constructor(buffer: Buffer, flexible: boolean) {
    this.#buffer = buffer;
    this.#flexible = flexible;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || bytes > this.#buffer.length - at)
      throw new Malformed(`${bytes} more bytes at ${at} of ${this.#buffer.length}`);
    this.#at += bytes;
    return at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }
  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }
  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }
  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }
  bool(): boolean {
    return this.int8() !== 0;
  }
  skip(bytes: number): void {
    this.#take(bytes);
  }

  #uvarint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Malformed('a number that does not end');
  }

  #length(classic: () => number): number {
    return this.#flexible ? this.#uvarint() - 1 : classic();
  }

  /** Null where a version allows it. */
  text(): string | null {
    const length = this.#length(() => this.int16());
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  string(): string {
    const text = this.text();
    if (text === null) throw new Malformed('nothing where a text should be');
    return text;
  }

  /** A view, not a copy. */
  bytes(): Buffer | null {
    const length = this.#length(() => this.int32());
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  items<T>(read: () => T): T[] | null {
    const count = this.#length(() => this.int32());
    if (count === -1) return null;
    // Each takes a byte at least.
    if (count < 0 || count > this.#buffer.length - this.#at)
      throw new Malformed(`${count} items in ${this.#buffer.length - this.#at} bytes`);
    this.#items += count;
    if (this.#items > mostItems) throw new Malformed(`more than ${mostItems} items`);
    const all: T[] = [];
    for (let i = 0; i < count; i++) all.push(read());
    return all;
  }

  array<T>(read: () => T): T[] {
    return this.items(read) ?? [];
  }

  /** Those of a structure; nobody wants any. */
  tags(): void {
    if (!this.#flexible) return;
    for (let count = this.#uvarint(); count > 0; count--) {
      this.#uvarint();
      this.#take(this.#uvarint());
    }
  }

  /** The same bytes from here on, read in another way. */
  rest(flexible: boolean): Reading {
    return new Reading(this.#buffer.subarray(this.#at), flexible);
  }

  get left(): number {
    return this.#buffer.length - this.#at;
  }

  /** A structure: what is read, and its tagged fields. */
  struct<T>(read: () => T): T {
    const value = read();
    this.tags();
    return value;
  }
}

/** An answer being written, in the types of its version. */
export class Writing extends Out {
  readonly #flexible: boolean;

  constructor(flexible: boolean) {
    super();
    this.#flexible = flexible;
  }

  /** A client's own number may have come out of the range by being kept as a double. */
  override int64(value: bigint): this {
    return super.int64(BigInt.asIntN(64, value));
  }

  text(value: string | null): this {
    if (this.#flexible) return this.compactString(value);
    return value === null ? this.int16(-1) : this.string(value);
  }

  bytes(value: Uint8Array): this {
    return this.#flexible ? this.compactBytes(value) : this.int32(value.length).raw(value);
  }

  override array<T>(items: readonly T[] | null, write: (item: T) => unknown): this {
    if (this.#flexible) this.uvarint((items?.length ?? -1) + 1);
    else this.int32(items?.length ?? -1);
    items?.forEach(write);
    return this;
  }

  /** Tagged fields by their numbers, each written by itself; mostly there are none. */
  tags(fields: readonly (readonly [tag: number, write: (to: Writing) => void])[] = []): this {
    if (!this.#flexible) return this;
    this.uvarint(fields.length);
    for (const [tag, write] of fields) {
      const field = new Writing(true);
      write(field);
      this.uvarint(tag).uvarint(field.size);
      for (const part of field.parts()) this.raw(part);
    }
    return this;
  }
}
