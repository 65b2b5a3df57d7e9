/** Below this a copy is cheaper than a part of its own. */
const large = 1024;

/** A request being written, in Kafka's primitive types. Large bytes are not copied: they stay parts of their own. */
export class Out {
  #buffer = Buffer.allocUnsafe(256);
  #end = 0;
  readonly #large: { readonly at: number; readonly bytes: Uint8Array }[] = [];

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

  int64(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64BE(value, at);
    return this;
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uvarint(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }

  #byte(value: number): this {
    const at = this.#room(1);
    this.#buffer[at] = value;
    return this;
  }

  /** int16 length, UTF-8. */
  string(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.int16(bytes);
    return this.#text(value, bytes);
  }

  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.byteLength(value);
    this.uvarint(bytes + 1);
    return this.#text(value, bytes);
  }

  #text(value: string, bytes: number): this {
    const at = this.#room(bytes);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }

  compactBytes(value: Uint8Array): this {
    return this.uvarint(value.length + 1).raw(value);
  }

  /** Without their length. */
  raw(value: Uint8Array): this {
    if (value.length >= large) this.#large.push({ at: this.#end, bytes: value });
    else {
      const at = this.#room(value.length);
      this.#buffer.set(value, at);
    }
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    items.forEach(write);
    return this;
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.uvarint(items.length + 1);
    items.forEach(write);
    return this;
  }

  /** The end of every structure of a flexible version: no tagged fields. */
  noTags(): this {
    return this.uvarint(0);
  }

  get size(): number {
    return this.#large.reduce((sum, { bytes }) => sum + bytes.length, this.#end);
  }

  /** What was written, one after the other. */
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

  /** Writes the size of all that follows over the first four bytes. */
  sized(): this {
    this.#buffer.writeInt32BE(this.size - 4, 0);
    return this;
  }
}
