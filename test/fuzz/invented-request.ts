import type { AnyApi } from '../../src/embedded/broker/apis/api.ts';
import { Writing, type Reading } from '../../src/embedded/broker/codec.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';

/** Names and values that mean something to one API or another, so that some requests get far. */
const texts = [
  ...['fuzz', 'other', 'fuzz-group', 'fuzz-tx', '', 'consumer', 'range', 'PLAIN', '1', '1000', 'x'.repeat(300), 'ü'],
  ...['cleanup.policy', 'compact', 'delete', 'retention.ms', '__consumer_offsets', '__transaction_state'],
];
const numbers = [0, 0, 0, 1, 1, -1, 2, 5, 20];

const batchOf = (producer: number, codec: 'none' | 'gzip'): Buffer =>
  encodeBatch(
    [
      { key: 'k', value: 'v'.repeat(50), timestamp: 1_000 },
      { key: null, value: null, timestamp: 2_000 },
    ],
    {
      producerId: BigInt(producer),
      producerEpoch: producer < 0 ? -1 : 0,
      baseSequence: producer < 0 ? -1 : 0,
      transactional: producer > 1,
      codec,
    },
  );
const contents = [
  batchOf(-1, 'none'),
  batchOf(-1, 'gzip'),
  batchOf(1, 'none'),
  batchOf(2, 'none'),
  Buffer.alloc(0),
  Buffer.from('\0user\0password'),
  Buffer.from([0, 1, 0, 0, 0, 1, 0, 4, 0x66, 0x75, 0x7a, 0x7a, 0xff, 0xff, 0xff, 0xff]),
];

/** Stands in for a reader of a request, and writes down what it says: so whatever an API reads is a request of that API. */
class Invention implements Pick<Reading, keyof Reading> {
  readonly #to: Writing;
  readonly #random: () => number;
  readonly left = 0;

  constructor(flexible: boolean, random: () => number) {
    this.#to = new Writing(flexible);
    this.#random = random;
  }

  #one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }
  #number(largest: number): number {
    return this.#random() < 0.05 ? this.#one([largest, -largest - 1]) : this.#one(numbers);
  }

  int8(): number {
    const value = this.#number(127);
    this.#to.int8(value);
    return value;
  }
  int16(): number {
    const value = this.#number(2 ** 15 - 1);
    this.#to.int16(value);
    return value;
  }
  int32(): number {
    const value = this.#number(2 ** 31 - 1);
    this.#to.int32(value);
    return value;
  }
  int64(): bigint {
    const value = this.#random() < 0.05 ? this.#one([2n ** 63n - 1n, -(2n ** 63n)]) : BigInt(this.#one(numbers));
    this.#to.int64(value);
    return value;
  }
  bool(): boolean {
    return this.int8() !== 0;
  }
  skip(bytes: number): void {
    for (let i = 0; i < bytes; i++) this.int8();
  }
  text(): string | null {
    const value = this.#random() < 0.05 ? null : this.#one(texts);
    this.#to.text(value);
    return value;
  }
  string(): string {
    const value = this.#one(texts);
    this.#to.text(value);
    return value;
  }
  bytes(): Buffer | null {
    const value = this.#random() < 0.05 ? null : this.#one(contents);
    if (value === null) this.#to.array(null, () => undefined);
    else this.#to.bytes(value);
    return value;
  }
  items<T>(read: () => T): T[] | null {
    if (this.#random() < 0.05) {
      this.#to.array(null, () => undefined);
      return null;
    }
    const all: T[] = [];
    this.#to.array(Array.from({ length: this.#one([0, 1, 1, 1, 2, 3]) }), () => all.push(read()));
    return all;
  }
  array<T>(read: () => T): T[] {
    return this.items(read) ?? [];
  }
  tags(): void {
    this.#to.tags();
  }
  rest(): Reading {
    throw new Error('only who reads headers asks for this');
  }
  struct<T>(read: () => T): T {
    const value = read();
    this.tags();
    return value;
  }
  get written(): Buffer {
    return Buffer.concat(this.#to.parts());
  }
}

/** What stands behind the header of a request: all in its place, and hardly anything sensible. */
export function inventedBody(api: AnyApi, version: number, random: () => number): Buffer {
  const invention = new Invention(version >= api.flexibleFrom, random);
  api.read(invention as unknown as Reading, version);
  invention.tags();
  return invention.written;
}
