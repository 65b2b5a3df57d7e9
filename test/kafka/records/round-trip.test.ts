import { expect, test } from '@jest/globals';
import { batchesIn } from '../../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../../src/kafka/records/encode-batch.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { plain, plainOf, randomRecords, recordOf } from './random-records.ts';

const seed = seedOfRun();
const codecs = ['none', 'gzip', 'snappy', 'lz4'] as const;
const only = <T>(items: Iterable<T>): T => {
  const [first, ...more] = items;
  if (first === undefined || more.length > 0) throw new Error('one was expected');
  return first;
};

test.each(codecs)('what is written is read, with %s', (codec) => {
  const random = seeded(seed);
  for (let run = 0; run < 300; run++) {
    const records = randomRecords(random, { bytes: run % 50 === 0 ? 20_000 : 300 });
    const producerId = BigInt(Math.floor(random() * 2 ** 50)) * 2n ** 12n;
    const options = {
      producerId,
      producerEpoch: 32_767,
      baseSequence: 2 ** 31 - 1,
      transactional: run % 2 === 0,
      codec,
    };
    const bytes = encodeBatch(records, options);
    const batch = only(batchesIn(bytes));
    const times = records.map(({ timestamp }) => timestamp);
    expect({ ...options, ...batch }).toMatchObject({ baseOffset: 0n, count: records.length, end: bytes.length });
    expect([batch.producerId, batch.producerEpoch, batch.baseSequence, batch.transactional, batch.control]).toEqual([
      producerId,
      32_767,
      2 ** 31 - 1,
      run % 2 === 0,
      false,
    ]);
    expect([batch.lastOffset, batch.maxTimestamp]).toEqual([BigInt(records.length - 1), BigInt(Math.max(...times))]);
    const views = [...batch.records()];
    expect(views.map(recordOf).map(plainOf)).toEqual(records.map(plainOf));
    expect(views.map(({ offset }) => offset)).toEqual(records.map((_, i) => BigInt(i)));
    expect(views.map((view) => view.keyText())).toEqual(
      records.map(({ key }) => key && Buffer.from(key as string).toString()),
    );
  }
});

test('a batch in the middle of a partition has its offsets, and several follow each other', () => {
  const random = seeded(seed);
  const batches = [7n, 2n ** 53n + 1n, 2n ** 60n].map((base) => {
    const bytes = encodeBatch(randomRecords(random), plain);
    // The broker sets these; the checksum doesn't cover them.
    bytes.writeBigInt64BE(base, 0);
    bytes.writeInt32BE(5, 12);
    return bytes;
  });
  const bytes = Buffer.concat(batches);
  const seen = [...batchesIn(bytes)];
  expect(seen.map(({ baseOffset }) => baseOffset)).toEqual([7n, 2n ** 53n + 1n, 2n ** 60n]);
  expect(seen.map(({ raw }) => raw)).toEqual(batches);
  expect(seen.at(-1)?.end).toBe(bytes.length);
  expect([...(seen[1]?.records() ?? [])][0]?.offset).toBe(2n ** 53n + 1n);
});

test('a last batch that is cut anywhere is left out', () => {
  const whole = encodeBatch([{ key: 'k', value: 'v', timestamp: 0 }], plain);
  for (let length = 0; length < whole.length; length++) {
    expect([...batchesIn(Buffer.concat([whole, whole.subarray(0, length)]))]).toHaveLength(1);
    expect([...batchesIn(whole.subarray(0, length))]).toHaveLength(0);
  }
});

test('views stay what they are while others are taken', () => {
  const records = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: `v${i}`, timestamp: i }));
  const views = [...only(batchesIn(encodeBatch(records, plain))).records()];
  expect(views.map((view) => [view.keyText(), view.value?.toString(), view.timestamp])).toEqual(
    records.map(({ key, value, timestamp }) => [key, value, timestamp]),
  );
});

test('where the broker sets the time, all records have it', () => {
  const bytes = encodeBatch(
    [1, 2, 3].map((timestamp) => ({ key: null, value: 'v', timestamp })),
    plain,
  );
  bytes[22] = (bytes[22] ?? 0) | 0x08;
  bytes.writeBigInt64BE(1_700_000_000_000n, 35);
  const times = [...only(batchesIn(bytes, { crc: false })).records()].map(({ timestamp }) => timestamp);
  expect(times).toEqual([1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_000]);
});

test.each([
  ['no records', []],
  ['half a millisecond', [{ key: null, value: null, timestamp: 0.5 }]],
  ['a time that is none', [{ key: null, value: null, timestamp: NaN }]],
  ['a time that is not exact', [{ key: null, value: null, timestamp: 2 ** 53 }]],
])('%s cannot be encoded', (_, records) => {
  expect(() => encodeBatch(records, plain)).toThrow(expect.objectContaining({ code: 'record-unencodable' }));
});
