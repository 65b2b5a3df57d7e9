import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'offsets in a transaction', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('transaction-offsets');
  const producer = transactional(kafka, topic);
  const groupId = `${topic}-group`;

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  const committed = async (group = groupId): Promise<string | undefined> =>
    (await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0]?.partitions[0]?.offset;
  const withOffset = async (offset: string, group = groupId) => {
    // On a cold broker the group's coordinator is still being made, and kafkajs does not ask sendOffsets again.
    await eventually('the group has a coordinator', async () => (await committed(group)) !== undefined);
    const transaction = await producer.transaction();
    // First, as kafkajs waits for the end of the transaction before only in a send.
    await transaction.send({ topic, messages: [{ value: `before ${offset}` }] });
    const topics = [{ topic, partitions: [{ partition: 0, offset }] }];
    await transaction.sendOffsets({ consumerGroupId: group, topics });
    return transaction;
  };
  // The answer to a commit may come before the offsets are applied.
  const untilCommitted = (offset: string, group = groupId) =>
    eventually(`the committed offset is ${offset}`, async () => (await committed(group)) === offset);

  test('count from its commit on, and not before', async () => {
    const transaction = await withOffset('5');
    expect(await committed()).toBe('-1');
    await transaction.commit();
    await untilCommitted('5');
  });

  test('do not count when it is aborted', async () => {
    await (await withOffset('6')).commit();
    await untilCommitted('6');
    await (await withOffset('7')).abort();
    // What a later transaction commits is applied after the aborted offsets would have been.
    const other = `${groupId}-other`;
    await (await withOffset('1', other)).commit();
    await untilCommitted('1', other);
    expect(await committed()).toBe('6');
  });
});
