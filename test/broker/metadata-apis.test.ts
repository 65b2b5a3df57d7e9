import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { asAny } from '../../src/embedded/broker/apis/api.ts';
import { describeCluster } from '../../src/embedded/broker/apis/60-describe-cluster.ts';
import { describeLogDirs } from '../../src/embedded/broker/apis/35-describe-log-dirs.ts';
import { metadata } from '../../src/embedded/broker/apis/03-metadata.ts';
import { noTopicId } from '../../src/embedded/broker/apis/topic-id.ts';
import type { Broker } from '../../src/embedded/broker/broker.ts';
import { metadata as metadataAsDownlink } from '../../src/kafka/api/03-metadata.ts';
import { In } from '../../src/kafka/wire/in.ts';
import { answerOf, ask, writeWhole } from './kafkajs-wire.ts';
import { put, someTopics } from './some-topics.ts';

let broker: Broker;
let remove: () => Promise<void>;
beforeEach(() => {
  ({ broker, remove } = someTopics({ defaultPartitions: 3 }));
});
afterEach(() => remove());

describe('metadata', () => {
  const look = async (topics: readonly object[] | null, { mayCreate = false, ofTopics = false } = {}) =>
    (await answerOf(broker, asAny(metadata), 12, { topics, mayCreate, ofTopics, ofCluster: false })) as {
      topics: { name: string | null; error: number; partitions: number }[];
      topicOperations: number;
    };
  const named = (name: string) => ({ name, id: noTopicId });

  test('of all topics, some, or none', async () => {
    const { id } = broker.topics.create('a', 2, {});
    broker.topics.create('b', 1, {}, true);
    expect((await look(null)).topics).toEqual([
      { name: 'a', id, error: 0, internal: false, partitions: 2 },
      { name: 'b', id: broker.topics.find('b')?.id, error: 0, internal: true, partitions: 1 },
    ]);
    expect((await look([])).topics).toEqual([]);
    expect((await look([{ name: null, id }])).topics).toMatchObject([{ name: 'a', error: 0 }]);
    expect((await look([named('a'), named('a')])).topics).toHaveLength(1);
  });

  test('in the first version, of all for none', async () => {
    broker.topics.create('a', 1, {});
    const known = { topicMetadata: [{ topic: 'a', topicErrorCode: 0 }] };
    expect(await ask(broker, 'Metadata', 0, { topics: [] })).toMatchObject(known);
    expect(await ask(broker, 'Metadata', 1, { topics: [] })).toMatchObject(known);
  });

  test('of what is not there makes it, if both sides want that', async () => {
    expect((await look([named('a')])).topics).toMatchObject([{ name: 'a', error: 3, partitions: 0 }]);
    expect(broker.topics.find('a')).toBeUndefined();
    expect((await look([named('a')], { mayCreate: true })).topics).toMatchObject([{ error: 0, partitions: 3 }]);
    const other = someTopics({ autoCreateTopics: false });
    const topics = [named('a')];
    const answer = await answerOf(other.broker, asAny(metadata), 12, { topics, mayCreate: true });
    expect(answer).toMatchObject({ topics: [{ name: 'a', error: 3 }] });
    await other.remove();
  });

  test('of many that are not there makes them all at once', async () => {
    const created = jest.spyOn(broker.topics, 'createAll');
    const topics = ['a', 'b', 'no name', 'c'].map(named);
    expect((await look(topics, { mayCreate: true })).topics.map(({ error }) => error)).toEqual([0, 0, 17, 0]);
    expect(created.mock.calls).toEqual([[['a', 'b', 'c'], 3]]);
    await look(topics, { mayCreate: true });
    expect(created.mock.calls).toHaveLength(1);
  });

  test('of what is not there makes nothing where that cannot be written down, until it can', async () => {
    const blocked = join(broker.settings.folder, 'topics.json.new');
    mkdirSync(blocked);
    const topics = ['a', 'b'].map(named);
    expect((await look(topics, { mayCreate: true })).topics.map(({ error }) => error)).toEqual([56, 56]);
    expect([...broker.topics.all]).toEqual([]);
    rmSync(blocked, { recursive: true });
    expect((await look(topics, { mayCreate: true })).topics.map(({ error }) => error)).toEqual([0, 0]);
  });

  test.each([true, false])(
    'of a name that is none, or an id of none, is refused (to be made: %s)',
    async (mayCreate) => {
      const id = 'f'.repeat(32);
      expect((await look([named('a b'), { name: null, id }], { mayCreate })).topics).toMatchObject([
        { name: 'a b', error: 17 },
        { name: null, id, error: 100 },
      ]);
    },
  );

  test('tells of rights only who asks', async () => {
    expect((await look([])).topicOperations).toBe(-2147483648);
    expect((await look([], { ofTopics: true })).topicOperations).toBe(3576);
  });

  test("is read by kafkajs and by downlink's client: one broker, leader of all and controller", async () => {
    broker.topics.create('a', 1, {});
    expect(await ask(broker, 'Metadata', 6, { topics: ['a'] })).toMatchObject({
      brokers: [{ nodeId: 1, host: 'here', port: 9092 }],
      clusterId: 'cluster',
      controllerId: 1,
      topicMetadata: [
        {
          topic: 'a',
          topicErrorCode: 0,
          partitionMetadata: [{ partitionErrorCode: 0, partitionId: 0, leader: 1, replicas: [1], isr: [1] }],
        },
      ],
    });
    const bytes = writeWhole(asAny(metadata), 9, await look([named('a')]));
    expect(metadataAsDownlink.read(new In(bytes), 9)).toEqual({
      brokers: [{ node: 1, host: 'here', port: 9092 }],
      topics: [{ topic: 'a', error: 0, partitions: [{ partition: 0, error: 0, leader: 1 }] }],
    });
  });
});

test('the cluster is this broker; it knows of no endpoints of controllers: MISMATCHED_ENDPOINT_TYPE', async () => {
  const look = (endpoints: number) => answerOf(broker, asAny(describeCluster), 2, { ofCluster: true, endpoints });
  expect(await look(1)).toMatchObject({ error: 0, node: { id: 1 }, clusterId: 'cluster', operations: 8096 });
  expect(await look(2)).toMatchObject({ error: 114 });
  expect(await look(3)).toMatchObject({ error: 115 });
});

test('the folder of the log is told, with how much is in it of what is asked for', async () => {
  broker.topics.create('a', 2, {});
  broker.topics.create('b', 1, {});
  put(broker, 'a', [1]);
  const { size } = broker.topics.log('a', 0);
  const look = (topics: object[] | null) => answerOf(broker, asAny(describeLogDirs), 4, topics);
  expect(await look([{ topic: 'a', partitions: [0, 7] }])).toMatchObject({
    folder: broker.settings.folder,
    topics: [{ topic: 'a', partitions: [{ partition: 0, size }] }],
  });
  expect(size).toBeGreaterThan(0);
  expect(((await look(null)) as { topics: object[] }).topics).toHaveLength(2);
});
