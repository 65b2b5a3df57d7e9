import { DownlinkError } from '../../errors.ts';

/** An answer being read, in Kafka's primitive types. A length that can't be is a coded error, never a loop or a large allocation. */
export class In {
  readonly #buffer: Buffer;
  #at = 0;
  /** How long the broker asks to be left alone; kafkajs' connection sees to it. */
  throttleMs = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || at + bytes > this.#buffer.length) {
      throw new DownlinkError(
        'kafka-unreadable',
        `an answer of ${this.#buffer.length} bytes says ${bytes} more at ${at}`,
      );
    }
    this.#at += bytes;
    return at;
  }

  get left(): number {
    return this.#buffer.length - this.#at;
  }

  int8(): number {
    const at = this.#take(1);
    return this.#buffer.readInt8(at);
  }

  int16(): number {
    const at = this.#take(2);
    return this.#buffer.readInt16BE(at);
  }

  int32(): number {
    const at = this.#take(4);
    return this.#buffer.readInt32BE(at);
  }

  throttle(): void {
    this.throttleMs = this.int32();
  }

  int64(): bigint {
    const at = this.#take(8);
    return this.#buffer.readBigInt64BE(at);
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  uvarint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new DownlinkError('kafka-unreadable', 'an answer holds a number that does not end');
  }

  string(): string | null {
    return this.#text(this.int16());
  }

  compactString(): string | null {
    return this.#text(this.uvarint() - 1);
  }

  #text(bytes: number): string | null {
    if (bytes === -1) return null;
    const at = this.#take(bytes);
    return this.#buffer.toString('utf8', at, at + bytes);
  }

  /** A view; null stays null. */
  bytes(): Buffer | null {
    return this.#view(this.int32());
  }

  compactBytes(): Buffer | null {
    return this.#view(this.uvarint() - 1);
  }

  #view(length: number): Buffer | null {
    if (length === -1) return null;
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  array<T>(read: () => T): T[] {
    return this.#items(this.int32(), read);
  }

  compactArray<T>(read: () => T): T[] {
    return this.#items(this.uvarint() - 1, read);
  }

  #items<T>(count: number, read: () => T): T[] {
    // Every item takes a byte at least. A null array is an empty one to every reader here.
    if (count > this.left)
      throw new DownlinkError('kafka-unreadable', `an answer says ${count} items in ${this.left} bytes`);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  /** Tagged fields, each handed to `read` as an answer of its own; those that nobody wants are passed over. */
  tags(read?: (tag: number, field: In) => void): void {
    for (let count = this.uvarint(); count > 0; count--) {
      const tag = this.uvarint();
      const length = this.uvarint();
      const at = this.#take(length);
      read?.(tag, new In(this.#buffer.subarray(at, at + length)));
    }
  }
}
