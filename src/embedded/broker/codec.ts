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

/** From so many bytes on they stay where they are, as a part of their own. */
const large = 1024;

export class Writing {
  readonly #flexible: boolean;
  #buffer = Buffer.allocUnsafe(256);
  #end = 0;
  readonly #large: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  constructor(flexible: boolean) {
    this.#flexible = flexible;
  }

  #room(bytes: number): number {
    const at = this.#end;
    this.#end += bytes;
    if (this.#end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#end, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }

  int8(value: number): this {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }
  int16(value: number): this {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }
  int32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }
  /** A client's own number may have come out of the range by being kept as a double. */
  int64(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64BE(BigInt.asIntN(64, value), at);
    return this;
  }
  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  #uvarint(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }
  #byte(value: number): this {
    const at = this.#room(1);
    this.#buffer[at] = value;
    return this;
  }

  text(value: string | null): this {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (this.#flexible) this.#uvarint(length + 1);
    else this.int16(length);
    if (value === null) return this;
    const at = this.#room(length);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }

  /** Several pieces are one after the other; large ones are not copied. */
  bytes(...pieces: readonly Uint8Array[]): this {
    const length = pieces.reduce((sum, one) => sum + one.length, 0);
    if (this.#flexible) this.#uvarint(length + 1);
    else this.int32(length);
    for (const piece of pieces) {
      if (piece.length >= large) this.#large.push({ at: this.#end, bytes: piece });
      else {
        const at = this.#room(piece.length);
        this.#buffer.set(piece, at);
      }
    }
    return this;
  }

  array<T>(items: readonly T[] | null, write: (item: T) => unknown): this {
    if (this.#flexible) this.#uvarint((items?.length ?? -1) + 1);
    else this.int32(items?.length ?? -1);
    items?.forEach(write);
    return this;
  }

  /** Tagged fields by their numbers, each written by itself; mostly there are none. */
  tags(fields: readonly (readonly [tag: number, write: (to: Writing) => void])[] = []): this {
    if (!this.#flexible) return this;
    this.#uvarint(fields.length);
    for (const [tag, write] of fields) {
      const field = new Writing(true);
      write(field);
      const bytes = Buffer.concat(field.parts());
      this.#uvarint(tag).#uvarint(bytes.length);
      const at = this.#room(bytes.length);
      this.#buffer.set(bytes, at);
    }
    return this;
  }

  get size(): number {
    return this.#large.reduce((sum, { bytes }) => sum + bytes.length, this.#end);
  }

  parts(): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of this.#large) {
      parts.push(this.#buffer.subarray(from, at), bytes);
      from = at;
    }
    parts.push(this.#buffer.subarray(from, this.#end));
    return parts;
  }
}
