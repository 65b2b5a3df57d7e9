import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openCluster, type Cluster } from '../../../src/kafka/cluster.ts';
import { committedOffset } from '../../../src/kafka/reader/offsets.ts';
import type { Outcome } from '../../../src/kafka/writer/transaction.ts';
import { openTransactionalWriter, type TransactionalWriter } from '../../../src/kafka/writer/transactional-writer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { readUpTo } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { startProxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the transactional writer', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  let cluster: Cluster;
  let topic = '';

  beforeAll(async () => {
    await admin.connect();
    cluster = openCluster({ brokers: bootstrap.split(','), clientId: 'writer-test' });
  });
  beforeEach(async () => {
    topic = topicName('writer');
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), cluster.close()]);
  });

  const record = (value: string) => ({ key: null, value, timestamp: Date.now() });
  const to = (partition: number, ...values: string[]) => ({ topic, partition, records: values.map(record) });
  const writerOf = (id = topic) => openTransactionalWriter(cluster, { transactionalId: id });
  // In the classic form an abort leaves it to `resume` whether anybody else has come.
  const stillOurs = (writer: TransactionalWriter, outcome: Outcome) =>
    'owner' in outcome && outcome.owner === 'uncertain' ? writer.resume() : 'owner' in outcome && outcome.owner;
  const read = async (last: string, partitions = 1) =>
    (await readUpTo(kafka, topic, last, partitions)).map(({ message }) => String(message.value)).sort();
  const offsetsOf = (offset: bigint) => ({ group: `${topic}-group`, offsets: [{ topic, partition: 0, offset }] });
  const committed = async () =>
    (await admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }))[0]?.partitions[0]?.offset;

  test('commits records of several partitions and offsets at once, many times over', async () => {
    const writer = writerOf();
    await writer.fence();
    for (let round = 1; round <= 20; round++) {
      const records = [to(0, `a${round}`), to(1, `b${round}`, `c${round}`)];
      expect(await writer.transact({ records, offsets: offsetsOf(BigInt(round)) })).toEqual({ end: 'committed' });
    }
    expect(await writer.transact({ records: [to(0, 'last'), to(1, 'last')] })).toEqual({ end: 'committed' });
    expect(await read('last', 2)).toHaveLength(62);
    await eventually('the offset is applied', async () => (await committed()) === '20');
    expect(writer.form).toBe(process.env['DOWNLINK_TEST_FORM'] ?? 'v2');
  });

  test('commits nothing after a failed write, not even the offsets', async () => {
    const writer = writerOf();
    await writer.fence();
    const huge = { ...to(0), records: [{ ...record('x'), value: Buffer.alloc(2 ** 21) }] };
    const outcome = await writer.transact({ records: [to(1, 'beside'), huge], offsets: offsetsOf(7n) });
    expect(outcome).toMatchObject({ end: 'not committed', why: expect.stringContaining('error 10') });
    expect(await stillOurs(writer, outcome)).toBe('ours');
    expect(await writer.transact({ records: [to(0, 'last'), to(1, 'last')] })).toEqual({ end: 'committed' });
    expect(await read('last', 2)).toEqual(['last', 'last']);
    expect(await committed()).toBe('-1');
  });

  test('is shut out by a younger one with its id, and knows it', async () => {
    const [old, young] = [writerOf(), writerOf()];
    await old.fence();
    expect((await old.transact({ records: [to(0, 'first')] })).end).toBe('committed');
    await young.fence();
    const outcome = await old.transact({ records: [to(0, 'zombie')], offsets: offsetsOf(9n) });
    expect(outcome).toMatchObject({ end: 'not committed', owner: 'lost' });
    expect(await old.transact({ records: [to(0, 'zombie')] })).toMatchObject({ end: 'not committed', owner: 'lost' });
    expect(await old.resume()).toBe('lost');
    expect((await young.transact({ records: [to(0, 'last')] })).end).toBe('committed');
    expect(await read('last')).toEqual(['first', 'last']);
  });

  test('does not write on after an unknown outcome before it was told to: the committed offset is the truth then', async () => {
    const proxy = await startProxy();
    const config = { brokers: bootstrap.split(','), socketFactory: proxy.socketFactory };
    const shaky = openCluster(config);
    const writer = openTransactionalWriter(shaky, { transactionalId: topic, deadlineMs: 1_000 });
    await writer.fence();
    proxy.on({ api: 'EndTxn', times: Infinity }, 'lose answer');
    const transaction = { records: [to(0, 'once')], offsets: offsetsOf(5n) };
    expect(await writer.transact(transaction)).toMatchObject({ end: 'unknown', owner: 'uncertain' });
    await expect(writer.transact(transaction)).rejects.toThrow('resume, and read the committed offset');
    proxy.behave();
    expect(await writer.resume()).toBe('ours');
    expect(await committedOffset(shaky, `${topic}-group`, { topic, partition: 0 })).toBe(5n);
    expect(await writer.transact({ records: [to(0, 'last')] })).toEqual({ end: 'committed' });
    expect(await read('last')).toEqual(['last', 'once']);
    await shaky.close();
    await proxy.stop();
  });

  test('commits offsets alone, and refuses offsets of a member that the group does not know', async () => {
    const writer = writerOf();
    await writer.fence();
    expect(await writer.transact({ records: [] })).toEqual({ end: 'committed' });
    expect(await writer.transact({ records: [], offsets: offsetsOf(3n) })).toEqual({ end: 'committed' });
    await eventually('the offset is applied', async () => (await committed()) === '3');
    const foreign = { ...offsetsOf(4n), membership: { member: 'nobody', generation: 1 } };
    const outcome = await writer.transact({ records: [to(0, 'x')], offsets: foreign });
    expect(outcome.end).toBe('not committed');
    expect(await stillOurs(writer, outcome)).toBe('ours');
    expect((await writer.transact({ records: [to(0, 'last')] })).end).toBe('committed');
    expect(await read('last')).toEqual(['last']);
  });
});
