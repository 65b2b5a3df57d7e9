import { expect, test } from '@jest/globals';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { offsetOf } from '../../src/kafka/reader/offsets.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { readByJava } from '../support/console-consumer.ts';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { quietKafka, transactional } from '../support/kafka-client.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { topicName } from '../support/topic-name.ts';

const producers = 10;
const aborts = Number(process.env['DOWNLINK_TEST_TRANSACTIONS'] ?? 3_000);

describeWith('kafka', 'the reader of committed records', ({ bootstrap }) => {
  test(`hands out no record of ${aborts} interleaved aborted transactions of foreign producers`, async () => {
    const kafka = quietKafka(bootstrap);
    const topic = topicName('interleaved');
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const random = seeded(seedOfRun());
    // kafkajs and Kafka take a key of four zero bytes for an abort marker's, or not: here it is a user's.
    const messages = (value: string) =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        key: random() < 0.5 ? Buffer.alloc(4) : null,
        value,
        partition: 0,
      }));
    const committed: string[] = [];
    const produce = async (name: number): Promise<void> => {
      const producer = transactional(kafka, `${topic}-${name}`);
      await producer.connect();
      for (let round = 0; round < aborts / producers; round++) {
        const transaction = await producer.transaction();
        for (let sends = random() * 2; sends > 0; sends--)
          await transaction.send({ topic, messages: messages('aborted') });
        await transaction.abort();
        if (round % 10 > 0) continue;
        const good = await producer.transaction();
        const value = `committed ${name}.${round}`;
        await good.send({ topic, messages: [{ key: Buffer.alloc(4), value, partition: 0 }] });
        await good.commit();
        committed.push(value);
      }
      await producer.disconnect();
    };
    await Promise.all(Array.from({ length: producers }, (_, name) => produce(name)));

    const fetcher = openFetcher({ config: { brokers: bootstrap.split(',') } });
    const valuesFrom = async (from: bigint): Promise<string[]> => {
      const values: string[] = [];
      for await (const { value } of read(fetcher, { topic, partition: 0 }, { from })) values.push(String(value));
      return values;
    };
    // A commit is answered before its markers are written, and read up to them.
    await eventually('all that was committed is there', async () => (await valuesFrom(0n)).length >= committed.length);
    const all = await valuesFrom(0n);
    expect([...all].sort()).toEqual([...committed].sort());
    expect((await readByJava(bootstrap, topic)).map(({ value }) => value)).toEqual(all);
    const end = Number(await offsetOf(fetcher.cluster, { topic, partition: 0 }, 'latest'));
    for (let i = 0; i < 200; i++) {
      const some = await valuesFrom(BigInt(Math.floor(random() * end)));
      expect(some).toEqual(all.slice(all.length - some.length));
    }
    await Promise.all([fetcher.close(), admin.disconnect()]);
  }, 600_000);
});
