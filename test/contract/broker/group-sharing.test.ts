import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { joinGroup } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the members of a group', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const topic = topicName('sharing');

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
  });
  afterAll(() => admin.disconnect());

  test('share the partitions, and one takes over what the other leaves', async () => {
    const groupId = `${topic}-group`;
    const stays = await joinGroup(kafka, groupId, topic);
    const leaves = await joinGroup(kafka, groupId, topic);
    await eventually('both have two partitions and none is in both', () => {
      const all = [...stays.partitions(), ...leaves.partitions()].sort();
      return stays.partitions().length === 2 && all.join() === '0,1,2,3';
    });

    const { groups } = await admin.describeGroups([groupId]);
    expect(groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
    expect(groups[0]?.members).toHaveLength(2);

    await leaves.leave();
    await eventually('the one that stays has all four', () => stays.partitions().length === 4);
    const producer = kafka.producer();
    await producer.connect();
    for (const partition of [0, 1, 2, 3]) {
      await producer.send({ topic, messages: [{ value: `to ${partition}`, partition }] });
    }
    await eventually('it reads from all four', () => stays.values().length === 4);
    await Promise.all([producer.disconnect(), stays.leave()]);
    expect(stays.values().sort()).toEqual(['to 0', 'to 1', 'to 2', 'to 3']);
  });
});
