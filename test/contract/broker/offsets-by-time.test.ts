import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'offsets are found', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('by-time');

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    const producer = kafka.producer();
    await producer.connect();
    // One send each, so that each is a batch: a broker may answer by batch or by record.
    for (const time of [1_000, 2_000, 3_000]) {
      await producer.send({ topic, messages: [{ value: `at ${time}`, timestamp: String(time), partition: 0 }] });
    }
    await producer.disconnect();
  });
  afterAll(() => admin.disconnect());

  const inPartition0 = (offsets: { partition: number; offset: string }[]) =>
    offsets.find(({ partition }) => partition === 0)?.offset;

  test('as the earliest and the latest of each partition', async () => {
    const ends = (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [partition, low, high]);
    expect(ends.sort()).toEqual([
      [0, '0', '3'],
      [1, '0', '0'],
    ]);
  });

  test.each([
    ['before all records: the first', 500, '0'],
    ['at the time of a record: that record', 2_000, '1'],
    ['between two records: the later one', 2_001, '2'],
  ])('by a time %s', async (_name, time, offset) => {
    expect(inPartition0(await admin.fetchTopicOffsetsByTimestamp(topic, time))).toBe(offset);
  });

  test('by a time after all records: the end', async () => {
    // The broker answers -1, "none", for which kafkajs puts the end of the partition.
    expect(inPartition0(await admin.fetchTopicOffsetsByTimestamp(topic, 3_001))).toBe('3');
  });
});
