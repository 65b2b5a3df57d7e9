import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { readUpTo } from '../../support/group-member.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a producer with the transactional id of another', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('fencing');
  const messages = (value: string) => ({ topic, messages: [{ value }] });

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  afterAll(() => admin.disconnect());

  test('shuts the other out: its open transaction is aborted and it writes no more', async () => {
    const [old, young] = [transactional(kafka, topic), transactional(kafka, topic)];
    await old.connect();
    const open = await old.transaction();
    await open.send(messages('of the old one'));

    await young.connect();
    // Connecting asks the broker for nothing; beginning a transaction does.
    await (await young.transaction()).abort();
    await expect(open.send(messages('of a zombie'))).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    const offsets = {
      consumerGroupId: `${topic}-group`,
      topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }],
    };
    await expect(open.sendOffsets(offsets)).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    await expect(open.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });

    const next = await young.transaction();
    await next.send(messages('of the young one'));
    await next.commit();
    const read = await readUpTo(kafka, topic, 'of the young one');
    expect(read.map(({ message }) => String(message.value))).toEqual(['of the young one']);
    await Promise.all([old.disconnect(), young.disconnect()]);
  });

  test('does so only with that id', async () => {
    const [one, other] = [transactional(kafka, `${topic}-1`), transactional(kafka, `${topic}-2`)];
    await Promise.all([one.connect(), other.connect()]);
    const open = await one.transaction();
    await open.send(messages('of one'));
    await (await other.transaction()).abort();
    await open.commit();
    await readUpTo(kafka, topic, 'of one');
    await Promise.all([one.disconnect(), other.disconnect()]);
  });
});
