import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', "a topic's partitions", ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('partitions');
  const grow = (count: number) => admin.createPartitions({ topicPartitions: [{ topic, count }] });

  // A producer for each: one that knows an older number of partitions says that it sent to a new one, and does not send.
  const write = async (value: string, partition: number): Promise<void> => {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value, partition }] });
    await producer.disconnect();
  };

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  afterAll(() => admin.disconnect());

  test('grow in number, keep their records, and take records from then on', async () => {
    await write('before', 0);
    await grow(3);
    await write('after', 2);
    // A broker may need a moment for a partition that is new.
    const offsets = await eventually('all partitions answer', () => admin.fetchTopicOffsets(topic));
    expect(offsets.map(({ partition, high }) => [partition, high]).sort()).toEqual([
      [0, '1'],
      [1, '0'],
      [2, '1'],
    ]);
  });

  test('do not become fewer: INVALID_PARTITIONS', async () => {
    await grow(4).catch(() => undefined);
    await expect(grow(2)).rejects.toMatchObject({ type: 'INVALID_PARTITIONS' });
  });
});
