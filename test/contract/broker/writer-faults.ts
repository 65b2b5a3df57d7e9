import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openCluster, type Cluster } from '../../../src/kafka/cluster.ts';
import { openTransactionalWriter } from '../../../src/kafka/writer/transactional-writer.ts';
import type { Outcome } from '../../../src/kafka/writer/transaction.ts';
import { readUpTo } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import type { Action, Match } from '../../support/proxy-rules.ts';
import type { Admin, Kafka } from 'kafkajs';
import { topicName } from '../../support/topic-name.ts';

/** Transactions over a network that fails in each of these ways, each time: told `committed` is there once, all else not. */
const faults: readonly (readonly [sentence: string, match: Match, action: Action])[] = [
  ['the answer to EndTxn is lost', { api: 'EndTxn' }, 'lose answer'],
  ['EndTxn never arrives', { api: 'EndTxn' }, 'drop request'],
  ['EndTxn arrives late, after it was sent again', { api: 'EndTxn' }, { deliverLateMs: 150 }],
  ['the answer to Produce is lost', { api: 'Produce' }, 'lose answer'],
  ['Produce never arrives', { api: 'Produce' }, 'drop request'],
  ['the answer to TxnOffsetCommit is lost', { api: 'TxnOffsetCommit' }, 'lose answer'],
];

export function writerFaults(bootstrap: () => string, rounds: (sentence: string) => number): void {
  let kafka: Kafka;
  let admin: Admin;
  let proxy: Proxy;
  let cluster: Cluster;

  beforeAll(async () => {
    proxy = await startProxy();
    kafka = quietKafka(bootstrap());
    admin = kafka.admin();
    await admin.connect();
    const { socketFactory } = proxy;
    cluster = openCluster({ brokers: bootstrap().split(','), clientId: 'writer-faults', socketFactory });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), cluster.close()]);
    await proxy.stop();
  });

  test.each(faults)(
    '%s',
    async (sentence, match, action) => {
      const topic = topicName('writer-faults');
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      const writer = openTransactionalWriter(cluster, { transactionalId: topic });
      await writer.fence();
      const transact = (value: string, round: number): Promise<Outcome> =>
        writer.transact({
          records: [0, 1].map((partition) => ({
            topic,
            partition,
            records: [{ key: null, value, timestamp: Date.now() }],
          })),
          offsets: { group: `${topic}-group`, offsets: [{ topic, partition: 0, offset: BigInt(round) }] },
        });
      const count = rounds(sentence);
      for (let round = 0; round < count; round++) {
        // The writer asks EndTxn once more behind each commit; the fault is for the commit itself.
        await delay(20);
        const rule = proxy.on({ ...match, times: 1 }, action);
        expect([round, await transact(`${round}`, round)]).toEqual([round, { end: 'committed' }]);
        expect(rule.hits).toBe(1);
      }
      proxy.behave();
      expect(await transact('last', count)).toEqual({ end: 'committed' });
      const read = await readUpTo(kafka, topic, 'last', 2);
      const wanted = [...Array.from({ length: count }, (_, round) => `${round}`), 'last'];
      for (const partition of [0, 1]) {
        const values = read.filter((one) => one.partition === partition).map(({ message }) => String(message.value));
        expect(values).toEqual(wanted);
      }
    },
    300_000,
  );
}
