import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openCluster } from '../../../../src/kafka/cluster.ts';
import { committedOffset } from '../../../../src/kafka/reader/offsets.ts';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka, transactional } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader } from './readers.ts';

describeWith('kafka', 'a reader whose position has left the log', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), transactional(kafka, topicName('outside'))];
  const cluster = openCluster({ brokers: bootstrap.split(',') });
  let topic = '';

  const write = async (values: readonly string[], group?: string): Promise<void> => {
    const transaction = await producer.transaction();
    if (values.length > 0) await transaction.send({ topic, messages: values.map((value) => ({ value })) });
    const topics = [{ topic, partitions: [{ partition: 0, offset: '1' }] }];
    if (group !== undefined) await transaction.sendOffsets({ consumerGroupId: group, topics });
    await transaction.commit();
  };

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  beforeEach(async () => {
    topic = topicName('outside');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await write(['a', 'b', 'c', 'd', 'e', 'f']);
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
  });
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect(), cluster.close()]));

  const committed = async (group: string): Promise<string | undefined> => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return found?.partitions[0]?.offset;
  };
  /** What comes of a group that was at offset 1 when the records before offset 3 were removed. */
  const outcomeOf = async (open: OpenReader) => {
    const group = `${topic}-group`;
    // Waits for the group's coordinator, which kafkajs does not.
    await committedOffset(cluster, group, { topic, partition: 0 });
    await write([], group);
    await eventually('the group is at 1', async () => (await committed(group)) === '1');
    const reader = await open({ bootstrap, group, topics: [topic] });
    await eventually(
      'it says so, or does something about it',
      async () => reader.told().length > 0 || (await committed(group)) !== '1',
    );
    await write(['g']);
    await eventually('it stops or goes on', () => reader.told().length > 0 || reader.values().includes('g'));
    await reader.close();
    return { told: reader.told(), values: reader.values().join(''), committed: await committed(group) };
  };

  test('says which positions there are, hands out nothing and lets the committed offset stand', async () => {
    const detail = `${topic} 0: position 1 is outside the log, which holds 3 to 7`;
    const told = [expect.objectContaining({ code: 'position-outside-log', detail })];
    expect(await outcomeOf(downlink)).toEqual({ told, values: '', committed: '1' });
  });

  test.each([
    { fromBeginning: false, values: 'g', committed: '-1' },
    { fromBeginning: true, values: 'defg', committed: '-2' },
  ])(
    'kafkajs jumps, tells nobody, and commits a place that there is not: %j',
    async ({ fromBeginning, ...outcome }) => {
      // Even where it is told to commit nothing.
      const kafkajs = plain({ fromBeginning, consumer: prompt, run: { autoCommit: false } });
      expect(await outcomeOf(kafkajs)).toEqual({ told: [], ...outcome });
    },
  );
});
