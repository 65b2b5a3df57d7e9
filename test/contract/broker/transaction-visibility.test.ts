import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { joinGroup, readUpTo } from '../../support/group-member.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a transaction', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('visibility');
  const producer = transactional(kafka, topic);

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  const inTransaction = async (end: 'commit' | 'abort', ...values: string[]): Promise<void> => {
    const transaction = await producer.transaction();
    for (const [partition, value] of values.entries()) {
      await transaction.send({ topic, messages: [{ value, partition }] });
    }
    await transaction[end]();
  };

  // Transactions one after another: of interleaved ones kafkajs lets aborted records through.
  test('is read in all its partitions when it was committed and in none when it was aborted', async () => {
    await inTransaction('commit', 'committed 0', 'committed 1');
    await inTransaction('abort', 'aborted 0', 'aborted 1');
    await inTransaction('commit', 'last', 'last');
    const read = (await readUpTo(kafka, topic, 'last', 2)).map(({ message }) => String(message.value));
    expect(read.sort()).toEqual(['committed 0', 'committed 1', 'last', 'last']);
  });

  test('is not read while it is open, nor is what comes after it', async () => {
    const reader = await joinGroup(kafka, `${topic}-reader`, topic, { readUncommitted: false });
    const anxious = await joinGroup(kafka, `${topic}-anxious`, topic, { readUncommitted: true });
    const other = kafka.producer();
    await other.connect();
    const open = await producer.transaction();
    await open.send({ topic, messages: [{ value: 'open', partition: 0 }] });
    await other.send({ topic, messages: [{ value: 'after', partition: 0 }] });
    await other.send({ topic, messages: [{ value: 'elsewhere', partition: 1 }] });
    await eventually('uncommitted records are read', () => anxious.values().includes('after'));
    await eventually('other partitions are read', () => reader.values().includes('elsewhere'));
    expect(reader.values()).not.toContain('after');
    await open.commit();
    await eventually('all is read', () => reader.values().includes('after'));
    expect(reader.values().slice(-2)).toEqual(['open', 'after']);
    await Promise.all([reader.leave(), anxious.leave(), other.disconnect()]);
  });
});
