import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { deleteRecords } from '../../src/embedded/broker/apis/21-delete-records.ts';
import { listOffsets } from '../../src/embedded/broker/apis/02-list-offsets.ts';
import { offsetForLeaderEpoch } from '../../src/embedded/broker/apis/23-offset-for-leader-epoch.ts';
import { asAny } from '../../src/embedded/broker/apis/api.ts';
import { answerOf, ask } from './kafkajs-wire.ts';
import { commit, put, someTopics } from './some-topics.ts';

const { broker, remove } = someTopics();
afterAll(remove);

let topic = '';
let names = 0;
beforeEach(() => {
  topic = `t${names++}`;
  broker.topics.create(topic, 1, {});
});

const of = (partition: unknown, name = topic) => [{ topic: name, partitions: [partition] }];
const only = (answer: unknown): unknown => (answer as { partitions: unknown[] }[])[0]?.partitions[0];
const at = async (time: number, { committedOnly = false, version = 10, leaderEpoch = -1, name = topic } = {}) =>
  only(
    await answerOf(broker, asAny(listOffsets), version, {
      committedOnly,
      topics: of({ partition: 0, leaderEpoch, time }, name),
    }),
  );

test('an empty partition begins and ends at 0, and has no record of any time', async () => {
  expect(await at(-1)).toMatchObject({ error: 0, offset: 0, time: -1 });
  expect(await at(-2)).toMatchObject({ error: 0, offset: 0, time: -1 });
  expect(await at(-3)).toMatchObject({ error: 0, offset: -1, time: -1 });
  expect(await at(0)).toMatchObject({ error: 0, offset: -1, time: -1 });
});

test.each(['none', 'gzip', 'snappy', 'lz4'] as const)(
  'a time is found to the record, in batches packed with %s',
  async (codec) => {
    put(broker, topic, [1_000, 2_000, 3_000], { codec });
    put(broker, topic, [4_000, 9_000, 5_000], { codec });
    expect(await at(500)).toMatchObject({ offset: 0, time: 1_000 });
    expect(await at(2_000)).toMatchObject({ offset: 1, time: 2_000 });
    expect(await at(2_001)).toMatchObject({ offset: 2, time: 3_000 });
    expect(await at(4_500)).toMatchObject({ offset: 4, time: 9_000 });
    expect(await at(9_001)).toMatchObject({ error: 0, offset: -1, time: -1 });
    // The newest is not the last.
    expect(await at(-3)).toMatchObject({ offset: 4, time: 9_000 });
  },
);

test('of a batch that unpacks to too much only its beginning is told', async () => {
  put(broker, topic, [1_000]);
  put(broker, topic, [2_000, 3_000], { codec: 'gzip', value: Buffer.alloc(9 * 2 ** 20) });
  expect(broker.topics.log(topic, 0).size).toBeLessThan(100_000);
  expect(await at(2_500)).toMatchObject({ error: 0, offset: 1, time: 3_000 });
});

test('who reads what is committed hears of nothing that is not', async () => {
  put(broker, topic, [1_000]);
  put(broker, topic, [2_000], { producer: 7 });
  expect(await at(-1)).toMatchObject({ offset: 2 });
  expect(await at(-1, { committedOnly: true })).toMatchObject({ offset: 1 });
  expect(await at(1_500)).toMatchObject({ offset: 1 });
  expect(await at(1_500, { committedOnly: true })).toMatchObject({ error: 0, offset: -1 });
  commit(broker, topic, 7);
  expect(await at(-1, { committedOnly: true })).toMatchObject({ offset: 3 });
  expect(await at(1_500, { committedOnly: true })).toMatchObject({ offset: 1 });
});

test('a partition that is not there, a leader to come, a time that the version has no word for', async () => {
  expect(await at(-1, { name: 'nowhere' })).toMatchObject({ error: 3, offset: -1 });
  expect(await at(-1, { leaderEpoch: 1 })).toMatchObject({ error: 75, offset: -1 });
  expect(await at(-1, { leaderEpoch: 0 })).toMatchObject({ error: 0 });
  expect(await at(-3, { version: 6 })).toMatchObject({ error: 35 });
  expect(await at(-4, { version: 7 })).toMatchObject({ error: 35 });
});

test('kafkajs reads what is answered', async () => {
  put(broker, topic, [1_000, 2_000]);
  const answer = await ask(broker, 'ListOffsets', 3, {
    replicaId: -1,
    isolationLevel: 0,
    topics: of({ partition: 0, timestamp: '-1' }),
  });
  expect(answer).toMatchObject({ responses: of({ partition: 0, errorCode: 0, offset: '2' }) });
});

test('deleting records moves the start, up to the end and no further', async () => {
  put(broker, topic, [1_000, 2_000]);
  put(broker, topic, [3_000, 4_000]);
  const before = async (offset: number, name = topic) =>
    only(await answerOf(broker, asAny(deleteRecords), 2, of({ partition: 0, offset }, name)));
  expect(await before(1)).toEqual({ partition: 0, error: 0, logStart: 1 });
  expect(await at(-2)).toMatchObject({ offset: 1 });
  expect(await at(0)).toMatchObject({ offset: 1, time: 2_000 });
  // Going back changes nothing.
  expect(await before(0)).toEqual({ partition: 0, error: 0, logStart: 1 });
  expect(await before(5)).toEqual({ partition: 0, error: 1, logStart: -1 });
  expect(await before(-2)).toEqual({ partition: 0, error: 1, logStart: -1 });
  expect(await before(-1)).toEqual({ partition: 0, error: 0, logStart: 4 });
  expect(await before(0, 'nowhere')).toEqual({ partition: 0, error: 3, logStart: -1 });
});

test('of topics that are only compacted, and of those of the broker itself, no records are deleted', async () => {
  broker.topics.create('compacted', 1, { 'cleanup.policy': 'compact' });
  broker.topics.create('__own', 1, {}, true);
  const before = async (name: string) =>
    only(await answerOf(broker, asAny(deleteRecords), 2, of({ partition: 0, offset: 0 }, name)));
  expect(await before('compacted')).toMatchObject({ error: 44 });
  expect(await before('__own')).toMatchObject({ error: 17 });
});

test("the one leader's epoch ends at the end of the log; of others nothing is known", async () => {
  put(broker, topic, [1_000, 2_000]);
  const end = async (epoch: number, believed = -1) =>
    only(await answerOf(broker, asAny(offsetForLeaderEpoch), 4, of({ partition: 0, believed, epoch })));
  expect(await end(0)).toEqual({ partition: 0, error: 0, epoch: 0, end: 2 });
  expect(await end(1)).toEqual({ partition: 0, error: 0, epoch: -1, end: -1 });
  expect(await end(0, 1)).toEqual({ partition: 0, error: 75, epoch: -1, end: -1 });
});
