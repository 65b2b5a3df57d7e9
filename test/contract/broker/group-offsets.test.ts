import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { joinGroup } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', "a group's offsets", ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const topic = topicName('offsets');
  const groupId = `${topic}-group`;
  const offsets = async (group = groupId) => {
    const [one] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return one?.partitions.map(({ partition, offset, metadata }) => ({ partition, offset, metadata }));
  };

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  test('outlive its members: the next one goes on where the last one stopped', async () => {
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
    const first = await joinGroup(kafka, groupId, topic);
    await eventually('the first member reads both', () => first.values().length === 2);
    await first.leave();
    expect(await offsets()).toMatchObject([{ partition: 0, offset: '2' }]);

    await producer.send({ topic, messages: [{ value: 'c' }] });
    const second = await joinGroup(kafka, groupId, topic);
    await eventually('the second member reads on', () => second.values().length > 0);
    await second.leave();
    expect(second.values()).toEqual(['c']);
  });

  test('are none, which is -1, for a group that never committed', async () => {
    expect(await offsets(`${topic}-other`)).toMatchObject([{ partition: 0, offset: '-1' }]);
  });

  test('go with the group when it is deleted', async () => {
    await admin.deleteGroups([groupId]);
    expect(await offsets()).toMatchObject([{ partition: 0, offset: '-1' }]);
  });
});
