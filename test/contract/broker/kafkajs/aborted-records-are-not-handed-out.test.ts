import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openCluster } from '../../../../src/kafka/cluster.ts';
import { offsetOf } from '../../../../src/kafka/reader/offsets.ts';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka, transactional } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader } from './readers.ts';

describeWith('kafka', 'a reader of committed records', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const cluster = openCluster({ brokers: bootstrap.split(',') });
  const [one, two] = [transactional(kafka, topicName('one')), transactional(kafka, topicName('two'))];
  const kafkajs = plain({ consumer: prompt });
  let topic = '';

  beforeAll(() => Promise.all([admin, one, two].map((client) => client.connect())));
  beforeEach(async () => {
    topic = topicName('aborted');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  afterAll(() => Promise.all([admin.disconnect(), one.disconnect(), two.disconnect(), cluster.close()]));

  const record = (value: string, key: Buffer | null = null) => ({ topic, messages: [{ key, value }] });
  /** One committed record, and the wait until all markers are written: a commit is answered before. */
  const finish = async (end: bigint): Promise<void> => {
    const good = await one.transaction();
    await good.send(record('committed'));
    await good.commit();
    await eventually(
      'all is decided',
      async () => (await offsetOf(cluster, { topic, partition: 0 }, 'latest')) === end,
    );
  };
  const readBy = async (open: OpenReader, name: string): Promise<readonly string[]> => {
    const reader = await open({ bootstrap, group: `${topic}-${name}`, topics: [topic] });
    await eventually('the last record is read', () => reader.values().includes('committed'));
    await reader.close();
    return reader.values();
  };

  test('hands out none of two interleaved aborted transactions; kafkajs hands out the first', async () => {
    const [a, b] = [await one.transaction(), await two.transaction()];
    await a.send(record('aborted a'));
    await b.send(record('aborted b'));
    await b.abort();
    await a.send(record('aborted a again'));
    await a.abort();
    await finish(7n);
    expect(await readBy(downlink, 'downlink')).toEqual(['committed']);
    expect(await readBy(kafkajs, 'kafkajs')).toEqual(['aborted a', 'committed']);
  });

  test('takes a key of four zero bytes for a key; kafkajs takes it for the end of an aborted transaction', async () => {
    const a = await one.transaction();
    await a.send(record('aborted 1', Buffer.alloc(4)));
    await a.send(record('aborted 2'));
    await a.send(record('aborted 3'));
    await a.abort();
    await finish(6n);
    expect(await readBy(downlink, 'downlink')).toEqual(['committed']);
    expect(await readBy(kafkajs, 'kafkajs')).toEqual(['aborted 1', 'aborted 2', 'aborted 3', 'committed']);
  });
});
