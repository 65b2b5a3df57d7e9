import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asAny } from '../../src/embedded/broker/apis/api.ts';
import { createPartitions } from '../../src/embedded/broker/apis/37-create-partitions.ts';
import { createTopics } from '../../src/embedded/broker/apis/19-create-topics.ts';
import { deleteTopics } from '../../src/embedded/broker/apis/20-delete-topics.ts';
import { noTopicId } from '../../src/embedded/broker/apis/topic-id.ts';
import type { Broker } from '../../src/embedded/broker/broker.ts';
import { answerOf, ask } from './kafkajs-wire.ts';
import { someTopics } from './some-topics.ts';

let broker: Broker;
let remove: () => Promise<void>;
beforeEach(() => {
  ({ broker, remove } = someTopics({ defaultPartitions: 3 }));
});
afterEach(() => remove());

const partitions = (name: string): number | undefined => broker.topics.find(name)?.logs.length;

describe('creating topics', () => {
  const usual = { partitions: 2, replicas: 1, assignments: [], configs: [] };
  const create = (topics: readonly object[], validateOnly = false) =>
    answerOf(broker, asAny(createTopics), 7, { topics: topics.map((one) => ({ ...usual, ...one })), validateOnly });

  test('makes them, and says what they are like', async () => {
    const [one] = (await create([{ name: 'a', configs: [['retention.ms', '5']] }])) as object[];
    expect(one).toMatchObject({ name: 'a', error: 0, message: null, partitions: 2, replicas: 1 });
    expect(one).toMatchObject({ id: broker.topics.find('a')?.id });
    expect(one).toHaveProperty(
      'configs',
      expect.arrayContaining([{ name: 'retention.ms', value: '5', source: 1, type: 5 }]),
    );
    expect(partitions('a')).toBe(2);
  });

  test('with the default number of partitions, or with places that are this broker', async () => {
    const here = (partition: number) => ({ partition, nodes: [1] });
    await create([
      { name: 'a', partitions: -1, replicas: -1 },
      { name: 'b', partitions: -1, replicas: -1, assignments: [here(1), here(0)] },
    ]);
    expect([partitions('a'), partitions('b')]).toEqual([3, 2]);
  });

  test('for a look makes none', async () => {
    expect(await create([{ name: 'a' }], true)).toMatchObject([{ error: 0, partitions: 2 }]);
    expect(broker.topics.find('a')).toBeUndefined();
  });

  test.each([
    ['a name that is none: INVALID_TOPIC_EXCEPTION', { name: 'a b' }, 17],
    ['a name that is taken: TOPIC_ALREADY_EXISTS', { name: 'there' }, 36],
    ['no partitions: INVALID_PARTITIONS', { name: 'a', partitions: 0 }, 37],
    ['more copies than brokers: INVALID_REPLICATION_FACTOR', { name: 'a', replicas: 2 }, 38],
    ['no copies: INVALID_REPLICATION_FACTOR', { name: 'a', replicas: 0 }, 38],
    [
      'another broker: INVALID_REPLICA_ASSIGNMENT',
      { name: 'a', partitions: -1, replicas: -1, assignments: [{ partition: 0, nodes: [2] }] },
      39,
    ],
    [
      'places for partitions that leave one out: INVALID_REPLICA_ASSIGNMENT',
      { name: 'a', partitions: -1, replicas: -1, assignments: [{ partition: 1, nodes: [1] }] },
      39,
    ],
    ['places and a number: INVALID_REQUEST', { name: 'a', assignments: [{ partition: 0, nodes: [1] }] }, 42],
    ['an unknown config: INVALID_CONFIG', { name: 'a', configs: [['no.such', '1']] }, 40],
    ['a config of nothing: INVALID_CONFIG', { name: 'a', configs: [['retention.ms', null]] }, 40],
  ])('is refused with %s', async (_what, wanted, error) => {
    broker.topics.create('there', 1, {});
    for (const validateOnly of [true, false])
      expect(await create([wanted, { name: 'b' }], validateOnly)).toMatchObject([
        { error, id: noTopicId, partitions: -1, configs: [] },
        { name: 'b', error: 0 },
      ]);
    expect(broker.topics.find('a')).toBeUndefined();
  });

  test('twice in one request makes none: INVALID_REQUEST', async () => {
    expect(await create([{ name: 'a' }, { name: 'b' }, { name: 'a' }])).toMatchObject([
      { name: 'a', error: 42 },
      { name: 'b', error: 0 },
    ]);
    expect(broker.topics.find('a')).toBeUndefined();
  });

  test('is read by kafkajs', async () => {
    const topics = [{ topic: 'a', numPartitions: 1, replicationFactor: 1, replicaAssignment: [], configEntries: [] }];
    expect(await ask(broker, 'CreateTopics', 3, { topics, timeout: 1, validateOnly: false })).toMatchObject({
      topicErrors: [{ topic: 'a', errorCode: 0 }],
    });
  });
});

describe('deleting topics', () => {
  const named = (name: string) => ({ name, id: noTopicId });
  const drop = (...topics: object[]) => answerOf(broker, asAny(deleteTopics), 6, topics);

  test('by name and by id', async () => {
    const [a, b] = [broker.topics.create('a', 1, {}), broker.topics.create('b', 1, {})];
    expect(await drop(named('a'), { name: null, id: b.id })).toEqual([
      { name: 'a', id: a.id, error: 0, message: null },
      { name: 'b', id: b.id, error: 0, message: null },
    ]);
    expect([...broker.topics.all]).toEqual([]);
  });

  test('that are not there is refused: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID', async () => {
    const id = 'f'.repeat(32);
    expect(await drop(named('a'), { name: null, id })).toMatchObject([
      { name: 'a', error: 3 },
      { name: null, id, error: 100 },
    ]);
  });

  test("that are the broker's own, and the same one by two names, is refused: INVALID_REQUEST", async () => {
    const { id } = broker.topics.create('a', 1, {});
    broker.topics.create('__own', 1, {}, true);
    expect(await drop(named('__own'))).toMatchObject([{ error: 42 }]);
    expect(await drop(named('a'), { name: null, id })).toMatchObject([{ name: 'a', error: 42 }]);
    expect(await drop({ name: 'a', id })).toMatchObject([{ error: 42 }]);
    expect([...broker.topics.all].map(({ name }) => name)).toEqual(['a', '__own']);
  });

  test('is read by kafkajs', async () => {
    broker.topics.create('a', 1, {});
    const answer = await ask(broker, 'DeleteTopics', 1, { topics: ['a', 'b'], timeout: 1 });
    expect(answer).toMatchObject({
      topicErrors: [
        { topic: 'a', errorCode: 0 },
        { topic: 'b', errorCode: 3 },
      ],
    });
  });
});

describe('adding partitions', () => {
  beforeEach(() => {
    broker.topics.create('a', 2, {});
  });
  const grow = (count: number, { assignments = null as number[][] | null, topic = 'a', validateOnly = false } = {}) =>
    answerOf(broker, asAny(createPartitions), 3, { topics: [{ topic, count, assignments }], validateOnly });

  test('says how many there are to be then', async () => {
    expect(await grow(3)).toEqual([{ topic: 'a', error: 0, message: null }]);
    expect(await grow(4, { assignments: [[1]] })).toMatchObject([{ error: 0 }]);
    expect(await grow(9, { validateOnly: true })).toMatchObject([{ error: 0 }]);
    expect(partitions('a')).toBe(4);
  });

  test('that would be none, of what is not there, or elsewhere, is refused', async () => {
    for (const validateOnly of [true, false]) {
      expect(await grow(2, { validateOnly })).toMatchObject([{ error: 37 }]);
      expect(await grow(1, { validateOnly })).toMatchObject([{ error: 37 }]);
      expect(await grow(9, { validateOnly, topic: 'b' })).toMatchObject([{ error: 3 }]);
      expect(await grow(3, { validateOnly, assignments: [[2]] })).toMatchObject([{ error: 39 }]);
      expect(await grow(3, { validateOnly, assignments: [[1], [1]] })).toMatchObject([{ error: 39 }]);
    }
    expect(partitions('a')).toBe(2);
  });

  test('is read by kafkajs', async () => {
    const topicPartitions = [{ topic: 'a', count: 5 }];
    const answer = await ask(broker, 'CreatePartitions', 1, { topicPartitions, timeout: 1, validateOnly: false });
    expect(answer).toMatchObject({ topicErrors: [{ topic: 'a', errorCode: 0 }] });
  });
});
