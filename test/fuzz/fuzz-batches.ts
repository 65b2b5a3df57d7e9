import { crc32c } from '@node-rs/crc32';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { encodeBatch, type OutRecord } from '../../src/kafka/records/encode-batch.ts';
import { DownlinkError } from '../../src/errors.ts';
import { plain, plainOf, randomRecords, recordOf } from '../kafka/records/random-records.ts';
import { seeded } from '../support/random.ts';
import { fastestMs, mutated } from './mutate.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4'] as const;
const maxUnpacked = 2 ** 20;
const firstRecord = 61;

interface Reading {
  readonly offset: bigint;
  readonly record: OutRecord;
}

const readingOf = (bytes: Buffer): Reading[] =>
  Array.from(batchesIn(bytes, { maxUnpacked }), (batch) =>
    Array.from(batch.records(), (view) => ({ offset: view.offset, record: recordOf(view) })),
  ).flat();

/** A damaged batch that nothing protects but the reader: size and checksum are right again, if there is room for them. */
function sealed(bytes: Buffer): Buffer {
  if (bytes.length < firstRecord) return bytes;
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/** Either the whole batch is damaged, or only what comes behind its header, which would catch most of it. */
function damaged(valid: Buffer, random: () => number): Buffer {
  const bytes =
    random() < 0.3
      ? mutated(valid, random)
      : Buffer.concat([valid.subarray(0, firstRecord), mutated(valid.subarray(firstRecord), random)]);
  return random() < 0.9 ? sealed(bytes) : bytes;
}

/** What is wrong with a reading: a batch of its records must read the same. */
function wrongWith(readings: readonly Reading[]): string | null {
  const exact = readings.filter(({ record }) => Math.abs(record.timestamp) <= 2 ** 52);
  if (exact.length === 0) return null;
  const records = exact.map(({ record }) => record);
  const again = readingOf(encodeBatch(records, plain)).map(({ record }) => plainOf(record));
  if (JSON.stringify(again) !== JSON.stringify(records.map(plainOf))) return 'it does not read the same again';
  const ascending = readings.every(({ offset }, i) => i === 0 || offset > (readings[i - 1]?.offset ?? 0n));
  return ascending ? null : 'its offsets do not ascend';
}

/** Reads damaged batches; how often each outcome came: `valid`, `nothing`, a code, or what must not be. */
export async function fuzzBatches(seed: number, count: number): Promise<ReadonlyMap<string, number>> {
  const { stackTraceLimit } = Error;
  // The stacks of so many errors would take half of the time.
  Error.stackTraceLimit = 0;
  try {
    return await outcomesOf(seed, count);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function outcomesOf(seed: number, count: number): Promise<ReadonlyMap<string, number>> {
  const random = seeded(seed);
  const valid = Array.from({ length: 400 }, (_, i) =>
    encodeBatch(randomRecords(random, { records: 4, bytes: 60 }), {
      ...plain,
      codec: codecs[i % codecs.length] ?? 'none',
    }),
  );
  const outcomes = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const bytes = damaged(valid[i % valid.length] ?? Buffer.alloc(0), random);
    let outcome = '';
    const ms = await fastestMs(() => {
      try {
        const readings = readingOf(bytes);
        const wrong = wrongWith(readings);
        outcome = wrong ? `${wrong}: ${bytes.toString('hex')}` : readings.length > 0 ? 'valid' : 'nothing';
      } catch (thrown) {
        outcome =
          thrown instanceof DownlinkError ? thrown.code : `not coded: ${String(thrown)} ${bytes.toString('hex')}`;
      }
    });
    if (ms > 50) outcome = `took ${ms} ms: ${bytes.toString('hex')}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}
