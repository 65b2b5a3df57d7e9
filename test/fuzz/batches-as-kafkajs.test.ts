import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { encodeBatch, type OutRecord } from '../../src/kafka/records/encode-batch.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { plainOf, randomRecords, recordOf } from '../kafka/records/random-records.ts';

interface Encoded {
  readonly buffer: Buffer;
}
interface Decoded {
  readonly records: readonly {
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly timestamp: string;
    readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
  }[];
}

// kafkajs' own encoder and decoder, which have no types.
const load = createRequire(__filename);
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: Record<string, unknown>) => Promise<Encoded>;
};
const record = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: Record<string, unknown>) => Encoded;
const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: unknown) => Promise<Decoded>;
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown;

const options = (random: () => number) => ({
  producerId: BigInt(Math.floor(random() * 2 ** 50)),
  producerEpoch: Math.floor(random() * 2 ** 15),
  baseSequence: Math.floor(random() * 2 ** 31),
  transactional: random() < 0.5,
});

/** kafkajs knows no header without a value, and only names in the order of an object's. */
function kafkajsHeaders(headers: OutRecord['headers'] = []) {
  const groups: Record<string, (string | Buffer)[]> = {};
  for (const [name, value] of headers)
    (groups[name] ??= []).push(typeof value === 'string' ? value : Buffer.from(value ?? ''));
  return groups;
}

const withSortedHeaders = (records: readonly OutRecord[]): OutRecord[] =>
  records.map(({ headers, ...rest }) => {
    const groups = Object.entries(kafkajsHeaders(headers));
    return { ...rest, headers: groups.flatMap(([name, values]) => values.map((value) => [name, value] as const)) };
  });

async function byKafkajs(records: readonly OutRecord[], settings: ReturnType<typeof options>, compression: number) {
  const first = records[0]?.timestamp ?? 0;
  const { buffer } = await RecordBatch({
    compression,
    firstTimestamp: first,
    maxTimestamp: Math.max(...records.map(({ timestamp }) => timestamp)),
    partitionLeaderEpoch: -1,
    lastOffsetDelta: records.length - 1,
    transactional: settings.transactional,
    producerId: settings.producerId.toString(),
    producerEpoch: settings.producerEpoch,
    firstSequence: settings.baseSequence,
    records: records.map(({ key, value, timestamp, headers }, offsetDelta) =>
      record({ offsetDelta, timestampDelta: timestamp - first, key, value, headers: kafkajsHeaders(headers) }),
    ),
  });
  return buffer;
}

test('10,000 batches have the bytes that kafkajs gives them', async () => {
  const random = seeded(seedOfRun());
  for (let run = 0; run < 10_000; run++) {
    const records = withSortedHeaders(randomRecords(random, { records: 4, bytes: 100 }));
    const settings = options(random);
    const theirs = await byKafkajs(records, settings, 0);
    if (!encodeBatch(records, settings).equals(theirs)) expect(encodeBatch(records, settings)).toEqual(theirs);
  }
});

test('each reads what the other packed with gzip', async () => {
  const random = seeded(seedOfRun());
  for (let run = 0; run < 200; run++) {
    const records = withSortedHeaders(randomRecords(random));
    const settings = options(random);
    const [ours] = batchesIn(await byKafkajs(records, settings, 1));
    expect([...(ours?.records() ?? [])].map(recordOf).map(plainOf)).toEqual(records.map(plainOf));

    const theirs = await decode(new Decoder(encodeBatch(records, { ...settings, codec: 'gzip' })));
    const seen = theirs.records.map(({ timestamp, headers, ...rest }) => ({
      ...rest,
      timestamp: Number(timestamp),
      headers: Object.entries(headers).flatMap(([name, values]) =>
        [values].flat().map((value) => [name, value] as const),
      ),
    }));
    expect(seen.map(plainOf)).toEqual(records.map(plainOf));
  }
});
