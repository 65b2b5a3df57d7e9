import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a topic', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const topic = topicName('creation');

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  });
  afterAll(() => admin.disconnect());

  test('has the partitions it was created with, each with a leader', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    expect(partitions.map((one) => one.partitionId).sort()).toEqual([0, 1, 2]);
    expect(partitions.every((one) => one.partitionErrorCode === 0 && one.leader >= 0)).toBe(true);
  });

  test('is not created a second time: TOPIC_ALREADY_EXISTS', async () => {
    // kafkajs says false for exactly that error, and throws for any other.
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 5 }] })).toBe(false);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions).toHaveLength(3);
  });

  test('is not created with a name that is not allowed: INVALID_TOPIC_EXCEPTION', async () => {
    const refused = admin.createTopics({ topics: [{ topic: 'no spaces please' }] });
    await expect(refused).rejects.toMatchObject({ errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }] });
  });

  test('is only looked at when it is asked to be', async () => {
    const other = topicName('validated');
    await admin.createTopics({
      validateOnly: true,
      waitForLeaders: false,
      topics: [{ topic: other, numPartitions: 1 }],
    });
    expect(await admin.listTopics()).not.toContain(other);
  });

  test('is unknown once it was deleted: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const other = topicName('deleted');
    await admin.createTopics({ topics: [{ topic: other, numPartitions: 1 }] });
    expect(await admin.listTopics()).toContain(other);
    await admin.deleteTopics({ topics: [other] });
    // The controller's answer may come before a broker has heard of it.
    await eventually('it is listed no more', async () => !(await admin.listTopics()).includes(other));
    const impatient = quietKafka(bootstrap, { retry: { retries: 0 } }).admin();
    await impatient.connect();
    const again = impatient.deleteTopics({ topics: [other] });
    await expect(again).rejects.toMatchObject({ cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' } });
    await impatient.disconnect();
  });
});
