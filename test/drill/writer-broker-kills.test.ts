import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openCluster } from '../../src/kafka/cluster.ts';
import type { Outcome } from '../../src/kafka/writer/transaction.ts';
import { openTransactionalWriter } from '../../src/kafka/writer/transactional-writer.ts';
import { readByJava } from '../support/console-consumer.ts';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type KafkaCluster } from '../support/kafka.ts';
import { quietKafka } from '../support/kafka-client.ts';
import { topicName } from '../support/topic-name.ts';

const transactions = Number(process.env['DOWNLINK_TEST_TRANSACTIONS'] ?? 1_000);

describeWith('cluster', 'the transactional writer on three brokers', () => {
  const topic = topicName('broker-kills');
  let brokers: KafkaCluster;

  beforeAll(async () => {
    brokers = await startKafka({ brokers: 3 });
    const admin = quietKafka(brokers.bootstrap).admin();
    await admin.connect();
    const configEntries = [{ name: 'min.insync.replicas', value: '2' }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 3, configEntries }] });
    await admin.disconnect();
  }, 120_000);
  afterAll(() => brokers.stop(), 60_000);

  const allInSync = async (): Promise<boolean> => {
    const admin = quietKafka(brokers.bootstrap).admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.every(({ isr }) => isr.length === 3) ?? false;
    } finally {
      await admin.disconnect();
    }
  };

  test(`${transactions} transactions while each broker is killed twice: what it says of each is true`, async () => {
    const cluster = openCluster({ brokers: brokers.bootstrap.split(','), clientId: 'broker-kills' });
    const writer = openTransactionalWriter(cluster, { transactionalId: topic });
    await writer.fence();
    const ends: Outcome['end'][] = [];
    let longestMs = 0;
    const kills = { done: 0 };
    const killing = (async () => {
      for (const node of [1, 2, 3, 1, 2, 3]) {
        const from = ends.length;
        await eventually('transactions flow', () => ends.length > from + 20, 120_000);
        await brokers.kill(node);
        await delay(3_000);
        await brokers.start(node);
        await eventually('all replicas are in sync', allInSync, 60_000);
        kills.done += 1;
      }
    })();
    for (let round = 0; round < transactions || kills.done < 6; round++) {
      const records = [0, 1, 2].map((partition) => ({
        topic,
        partition,
        records: [0, 1].map((n) => ({ key: null, value: `${round}.${n}`, timestamp: Date.now() })),
      }));
      const began = performance.now();
      const { end } = await writer.transact({ records });
      longestMs = Math.max(longestMs, performance.now() - began);
      ends.push(end);
    }
    await killing;
    await cluster.close();
    const count = (end: Outcome['end']) => ends.filter((one) => one === end).length;
    process.stderr.write(
      `${ends.length} transactions, ${kills.done} kills: ${count('committed')} committed, ${count('not committed')} not, ` +
        `${count('unknown')} unknown; longest ${Math.round(longestMs)} ms\n`,
    );

    const read = await readByJava(brokers.bootstrap, topic);
    const wrong: string[] = [];
    for (const [round, end] of ends.entries()) {
      const seen = read.filter(({ value }) => value.startsWith(`${round}.`)).length;
      const right = end === 'committed' ? seen === 6 : end === 'not committed' ? seen === 0 : seen === 6 || seen === 0;
      if (!right) wrong.push(`transaction ${round} was told ${end}, and ${seen} of 6 records are there`);
    }
    expect(wrong).toEqual([]);
    expect(count('committed')).toBeGreaterThan(0.9 * ends.length);
    expect(count('unknown')).toBe(0);
    for (const partition of [0, 1, 2]) {
      const rounds = read.filter((one) => one.partition === partition).map(({ value }) => parseFloat(value));
      expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    }
  }, 900_000);
});
