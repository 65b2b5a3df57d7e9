import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import type { Fetched } from '../../../src/kafka/api/01-fetch.ts';
import { chunkOf, endlessChunk, type Chunk } from '../../../src/kafka/reader/chunk.ts';
import type { CorruptBatch, OnCorrupt } from '../../../src/kafka/reader/corrupt.ts';
import { encodeBatch } from '../../../src/kafka/records/encode-batch.ts';
import { plain } from '../records/random-records.ts';

const perBatch = 3;
const start = 100n;

interface Stored {
  readonly base: bigint;
  readonly values: readonly string[];
  readonly bytes: Buffer;
}

/** With the right size and checksum. */
function sealed(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/** The nth batch of a log, three records each, and what damages it. */
function stored(nth: number, damage: (bytes: Buffer) => Buffer = (bytes) => bytes): Stored {
  const base = start + BigInt(nth * perBatch);
  const values = Array.from({ length: perBatch }, (_, i) => `value ${nth}.${i}`);
  const records = values.map((value) => ({ key: 'key', value, timestamp: 1 }));
  const bytes = encodeBatch(records, plain);
  bytes.writeBigInt64BE(base);
  return { base, values, bytes: damage(bytes) };
}

const changed =
  (change: (bytes: Buffer) => unknown, seal: 'seal' | 'leave' = 'leave') =>
  (bytes: Buffer) => {
    change(bytes);
    return seal === 'seal' ? sealed(bytes) : bytes;
  };

/** Records that unpack to a MiB more than may be. */
const bomb = zlib.gzipSync(Buffer.alloc(65 << 20), { level: 1 });
const asBomb = (bytes: Buffer): Buffer => {
  const head = Buffer.from(bytes.subarray(0, 61));
  head.writeInt16BE(1, 21);
  return sealed(Buffer.concat([head, bomb]));
};

function fetchedFrom(log: readonly Stored[], position: bigint, more: Partial<Fetched> = {}): Fetched {
  const end = start + BigInt(log.length * perBatch);
  const records = Buffer.concat(log.filter(({ base }) => base + BigInt(perBatch) > position).map(({ bytes }) => bytes));
  const offsets = { highWatermark: end, lastStable: end, logStart: start };
  return { topic: 'telemetry', partition: 3, error: 0, ...offsets, aborted: [], records, ...more };
}

interface Seen {
  readonly values: string[];
  readonly corrupt: CorruptBatch[];
  failure?: unknown;
}

/** As the fetcher goes through a log, until its end or a failure. */
function readThrough(log: readonly Stored[], mode: OnCorrupt | undefined, more: Partial<Fetched> = {}): Seen {
  const seen: Seen = { values: [], corrupt: [] };
  try {
    for (let position = start; position < start + BigInt(log.length * perBatch);) {
      const fetched = fetchedFrom(log, position, more);
      const found = chunkOf(fetched, position, true, mode);
      const chunk = (found === 'cut' ? endlessChunk(fetched, position, mode ?? 'fail') : found) as Chunk;
      for (const { value } of chunk.records()) seen.values.push(String(value));
      if (chunk.corrupt !== undefined) seen.corrupt.push(chunk.corrupt);
      expect(chunk.position).toBeGreaterThan(position);
      position = chunk.position;
    }
  } catch (thrown) {
    seen.failure = thrown;
  }
  return seen;
}

const named = (base: bigint, says: string): unknown =>
  expect.objectContaining({
    code: 'batch-corrupt',
    detail: expect.stringMatching(new RegExp(`^telemetry 3: the batch at offset ${base}: .*${says}`)) as unknown,
  });

const damages: readonly (readonly [string, (bytes: Buffer) => Buffer, string])[] = [
  ['a flipped bit', changed((bytes) => (bytes[70] = (bytes[70] ?? 0) ^ 4)), 'checksum is wrong'],
  ['a flipped bit of the checksum', changed((bytes) => (bytes[17] = (bytes[17] ?? 0) ^ 4)), 'checksum is wrong'],
  ['a size that is too small for any', changed((bytes) => bytes.writeInt32BE(48, 8)), "size can't be 48"],
  ['a negative size', changed((bytes) => bytes.writeInt32BE(-1, 8)), "size can't be -1"],
  ['a size that is too small', changed((bytes) => bytes.writeInt32BE(bytes.length - 15, 8)), 'checksum is wrong'],
  ['a size that is too large', changed((bytes) => bytes.writeInt32BE(bytes.length - 5, 8)), '(checksum|within a GiB)'],
  ['a size beyond all', changed((bytes) => bytes.writeInt32BE(2 ** 31 - 1, 8)), 'does not end within a GiB'],
  ['more records than offsets', changed((bytes) => bytes.writeInt32BE(4, 57), 'seal'), "count can't be 4"],
  ['a negative count', changed((bytes) => bytes.writeInt32BE(-1, 57), 'seal'), "count can't be -1"],
  ['fewer records than bytes', changed((bytes) => bytes.writeInt32BE(2, 57), 'seal'), 'left behind its 2 records'],
  ['a record that is too long', changed((bytes) => (bytes[61] = 0x7e), 'seal'), "size of record 0 can't be"],
  ['a codec that it was not packed with', changed((bytes) => bytes.writeInt16BE(1, 21), 'seal'), 'cannot be unpacked'],
  ['a bomb', asBomb, 'unpacks to more than 67108864 bytes'],
];
const places = [
  ['first', 0],
  ['in the middle', 1],
  ['last', 2],
] as const;
const cases = damages.flatMap(([what, damage, says]) =>
  places.map(([where, nth]) => [`${what}, ${where}`, nth, damage, says] as const),
);

function logWith(bad: number, damage: (bytes: Buffer) => Buffer) {
  const log = [0, 1, 2].map((nth) => stored(nth, nth === bad ? damage : undefined));
  return { log, damaged: log[bad] as Stored };
}

describe('a damaged batch', () => {
  test.each(cases)('fails by name behind all that is good before it: %s', (_, bad, damage, says) => {
    for (const mode of ['fail', undefined] as const) {
      const { log, damaged } = logWith(bad, damage);
      const { values, corrupt, failure } = readThrough(log, mode);
      expect(failure).toEqual(named(damaged.base, says));
      expect(values).toEqual(log.slice(0, bad).flatMap((one) => one.values));
      expect(corrupt).toEqual([]);
    }
  });

  test.each(cases)('is handed out as it came, and all others are read: %s', (_, bad, damage, says) => {
    const { log, damaged } = logWith(bad, damage);
    const { values, corrupt, failure } = readThrough(log, 'hand out');
    expect(failure).toBeUndefined();
    expect(values).toEqual(log.filter((one) => one !== damaged).flatMap((one) => one.values));
    const { base: position, bytes } = damaged;
    expect(corrupt).toEqual([{ error: named(position, says), bytes, position, next: position + BigInt(perBatch) }]);
  });
});

test('good batches come as one chunk, then the damaged one alone, whether or not it shows before it is unpacked', () => {
  const counts = changed((bytes) => bytes.writeInt32BE(2, 57), 'seal');
  const { log } = logWith(1, counts);
  const first = chunkOf(fetchedFrom(log, start), start, true, 'hand out') as Chunk;
  expect([first.batches.length, first.position, first.corrupt]).toEqual([1, 103n, undefined]);
  const second = chunkOf(fetchedFrom(log, 103n), 103n, true, 'hand out') as Chunk;
  expect([second.batches.length, [...second.records()], second.position]).toEqual([0, [], 106n]);
  expect(second.corrupt).toMatchObject({ position: 103n, next: 106n });
  const third = chunkOf(fetchedFrom(log, 106n), 106n, true, 'hand out') as Chunk;
  expect([...third.records()].map(({ value }) => String(value))).toEqual(log[2]?.values);
});

test('one that is asked for from its middle is handed out whole', () => {
  const { log, damaged } = logWith(
    0,
    changed((bytes) => (bytes[70] = 0xff)),
  );
  const chunk = chunkOf(fetchedFrom(log, 101n), 101n, true, 'hand out') as Chunk;
  expect(chunk.corrupt).toMatchObject({ position: 100n, next: 103n, bytes: damaged.bytes });
});

test.each([
  ['a negative number of offsets', changed((bytes) => bytes.writeInt32BE(-1, 23))],
  ['offsets beyond the end of the log', changed((bytes) => bytes.writeInt32BE(1_000, 23))],
  ['offsets in which the next batch stands', changed((bytes) => bytes.writeInt32BE(4, 23))],
  ['a negative offset', changed((bytes) => bytes.writeBigInt64BE(-7n))],
  ['an old format, which has its fields elsewhere', changed((bytes) => (bytes[16] = 1))],
  ['a format that nobody knows', changed((bytes) => (bytes[16] = 3))],
])('fails in either mode where nobody can say what comes behind it: %s', (_, damage) => {
  for (const mode of ['fail', 'hand out'] as const) {
    const { log } = logWith(1, damage);
    const { values, corrupt, failure } = readThrough(log, mode);
    expect(failure).toMatchObject({
      code: 'batch-corrupt',
      detail: expect.stringMatching(/^telemetry 3: the batch at/),
    });
    expect([values, corrupt]).toEqual([log[0]?.values, []]);
  }
});

test('a head that is cut is no batch to hand out', () => {
  const [{ bytes }] = [stored(0)];
  const fetched = fetchedFrom([], start, { highWatermark: 200n, records: bytes.subarray(0, 40) });
  expect(chunkOf(fetched, start, true, 'hand out')).toBe('cut');
  expect(() => endlessChunk(fetched, start, 'hand out')).toThrow('telemetry 3: the batch at offset 100');
});

describe('of transactions', () => {
  const transactional = (control: boolean) => (bytes: Buffer) => {
    bytes.writeInt16BE(control ? 0x30 : 0x10, 21);
    bytes.writeBigInt64BE(7n, 43);
    return sealed(bytes);
  };
  const shorter = (bytes: Buffer) => sealed(changed((one) => one.writeInt32BE(2, 57))(bytes));

  test('a marker that is damaged comes behind what is good, in either mode', () => {
    const log = [stored(0), stored(1, (bytes) => shorter(transactional(true)(bytes))), stored(2)];
    const failed = readThrough(log, 'fail');
    expect([failed.values, failed.failure]).toEqual([log[0]?.values, named(103n, 'left behind')]);
    const { values, corrupt } = readThrough(log, 'hand out');
    expect(values).toEqual([...(log[0]?.values ?? []), ...(log[2]?.values ?? [])]);
    expect(corrupt).toMatchObject([{ position: 103n, next: 106n }]);
  });

  test('what was aborted is never unpacked, so it does not matter that it could not be', () => {
    const log = [stored(0), stored(1, (bytes) => shorter(transactional(false)(bytes))), stored(2)];
    const aborted = [{ producerId: 7n, firstOffset: 103n }];
    for (const mode of ['fail', 'hand out'] as const) {
      const { values, corrupt, failure } = readThrough(log, mode, { aborted });
      expect([values, corrupt, failure]).toEqual([
        [...(log[0]?.values ?? []), ...(log[2]?.values ?? [])],
        [],
        undefined,
      ]);
    }
  });
});
