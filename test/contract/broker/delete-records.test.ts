import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { readUpTo } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'deleting records', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('delete-records');
  const ends = async () => {
    const [one] = await admin.fetchTopicOffsets(topic);
    return [one?.low, one?.high];
  };

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: ['a', 'b', 'c', 'd'].map((value) => ({ value })) });
    await producer.disconnect();
    // kafkajs finds the leader only of a topic that it has been asked about.
    expect(await ends()).toEqual(['0', '4']);
  });
  afterAll(() => admin.disconnect());

  test('moves the start of the log, from which readers then begin', async () => {
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    expect(await ends()).toEqual(['2', '4']);
    const read = await readUpTo(kafka, topic, 'd');
    expect(read.map(({ message }) => [message.offset, String(message.value)])).toEqual([
      ['2', 'c'],
      ['3', 'd'],
    ]);
  });

  test('beyond the end is refused and moves nothing: OFFSET_OUT_OF_RANGE', async () => {
    const before = await ends();
    const refused = admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] });
    await expect(refused).rejects.toMatchObject({
      cause: { partitions: [{ error: { type: 'OFFSET_OUT_OF_RANGE' } }] },
    });
    expect(await ends()).toEqual(before);
  });

  test('up to -1 deletes all there are', async () => {
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
    expect(await ends()).toEqual(['4', '4']);
  });
});
