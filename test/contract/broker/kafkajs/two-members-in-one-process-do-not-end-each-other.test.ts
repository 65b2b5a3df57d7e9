import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka } from '../../../support/kafka-client.ts';
import { startProxy, type Proxy } from '../../../support/proxy.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader, type Reader } from './readers.ts';

describeWith('kafka', 'two members of a group in one process, each with a topic of its own', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  let proxy: Proxy;

  beforeAll(async () => {
    [proxy] = await Promise.all([startProxy(), admin.connect(), producer.connect()]);
  });
  afterAll(() => Promise.all([proxy.stop(), admin.disconnect(), producer.disconnect()]));

  /** Two members that share two topics, once all is read. */
  const together = async <R extends Reader>(open: OpenReader<R>) => {
    const topics = [topicName('left'), topicName('right')];
    const group = `${topics.join('-')}-group`;
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) });
    const { socketFactory } = proxy;
    const question = { bootstrap, group, topics, socketFactory };
    const first = await open(question);
    await eventually('the first has both', () => first.partitions().length === 2);
    // One of the two learns what it has a little later than the other.
    proxy.on({ api: 'SyncGroup', after: 1 }, { holdAnswerMs: 300 });
    const members = [first, await open(question)];
    const inGroup = async (): Promise<number> => (await admin.describeGroups([group])).groups[0]?.members.length ?? 0;
    await eventually('the second is in the group', () => members[1]?.partitions().length);
    for (const topic of topics) await producer.send({ topic, messages: [{ value: topic }] });
    await eventually('all is read', () => topics.every((topic) => members.some((one) => one.values().includes(topic))));
    return { members, inGroup };
  };

  test('both stay', async () => {
    const { members, inGroup } = await together(downlink);
    await eventually('each has one', () => members.every((member) => member.partitions().length === 1));
    expect(await inGroup()).toBe(2);
    expect(members.flatMap((member) => member.told())).toEqual([]);
    await Promise.all(members.map((member) => member.close()));
  });

  test('with kafkajs the second ends the first by a TypeError of its loop, with nobody told', async () => {
    // Consumers of one client keep the offsets of a group in one place, and clear it of topics that they do not have.
    const client = quietKafka(bootstrap, { socketFactory: proxy.socketFactory });
    const { members, inGroup } = await together(
      plain({ kafka: client, consumer: { ...prompt, heartbeatInterval: 100 } }),
    );
    await eventually('one is gone', () => members.some((member) => member.crash()));
    expect(await inGroup()).toBe(1);
    const crashes = members.flatMap((member) => member.crash() ?? []);
    expect(crashes).toEqual([{ error: expect.stringMatching(/^Cannot read properties of undefined/), restart: false }]);
    expect(members.flatMap((member) => member.told())).toEqual([]);
    await Promise.all(members.map((member) => member.close()));
  });
});
