import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type * as Kafkajs from 'kafkajs';
import { openCluster } from '../../../../src/kafka/cluster.ts';
import { openTransactionalWriter } from '../../../../src/kafka/writer/transactional-writer.ts';
import { describeWith } from '../../../support/describe-with.ts';
import { quietKafka, transactional } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';

/** Where kafkajs sees that it is tested, it comes back sooner than elsewhere. */
function kafkajsInProduction(): typeof Kafkajs {
  const before = process.env['NODE_ENV'];
  let found: typeof Kafkajs | undefined;
  process.env['NODE_ENV'] = 'production';
  jest.isolateModules(() => (found = jest.requireActual<typeof Kafkajs>('kafkajs')));
  process.env['NODE_ENV'] = before;
  if (found === undefined) throw new Error('no kafkajs');
  return found;
}

describeWith('kafka', 'a fence that finds a transaction open', ({ bootstrap }) => {
  const brokers = bootstrap.split(',');
  const admin = quietKafka(bootstrap).admin();
  const cluster = openCluster({ brokers });

  beforeAll(async () => {
    await admin.connect();
    // What the first fence of all waits for is the broker's start.
    await openTransactionalWriter(cluster, { transactionalId: topicName('first') }).fence();
  });
  afterAll(() => Promise.all([admin.disconnect(), cluster.close()]));

  /** How long, in ms, a new owner of a transactional id takes to end its predecessor's transaction. */
  const fenceMs = async (fence: (transactionalId: string) => Promise<() => Promise<void>>): Promise<number> => {
    const topic = topicName('fence');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const old = transactional(quietKafka(bootstrap), topic);
    await old.connect();
    await (await old.transaction()).send({ topic, messages: [{ value: 'open' }] });
    const began = performance.now();
    const end = await fence(topic);
    const ms = performance.now() - began;
    process.stderr.write(`${topic}: fenced after ${Math.round(ms)} ms\n`);
    await Promise.all([end(), old.disconnect()]);
    return ms;
  };

  test('asks again at once', async () => {
    const fence = async (transactionalId: string) => {
      await openTransactionalWriter(cluster, { transactionalId }).fence();
      return () => Promise.resolve();
    };
    expect(await fenceMs(fence)).toBeLessThan(200);
  });

  test('waits with kafkajs for 300 ms, also when told to retry after 20', async () => {
    const { Kafka, logLevel } = kafkajsInProduction();
    const retry = { initialRetryTime: 20, retries: 10 };
    const kafka = new Kafka({ brokers, retry, logLevel: logLevel.NOTHING });
    const fence = async (transactionalId: string) => {
      const owner = transactional(kafka, transactionalId);
      await owner.connect();
      const transaction = await owner.transaction();
      await transaction.abort();
      return () => owner.disconnect();
    };
    expect(await fenceMs(fence)).toBeGreaterThan(240);
  });
});
