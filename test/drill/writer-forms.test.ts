import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCluster } from '../../src/kafka/cluster.ts';
import { openTransactionalWriter } from '../../src/kafka/writer/transactional-writer.ts';
import { writerFaults } from '../contract/broker/writer-faults.ts';
import { describeWith } from '../support/describe-with.ts';
import { startKafka, type KafkaCluster } from '../support/kafka.ts';
import { quietKafka } from '../support/kafka-client.ts';
import { topicName } from '../support/topic-name.ts';
import { setTransactionVersion } from '../support/transaction-version.ts';

describeWith('cluster', 'on a cluster whose transaction.version is lowered and raised', () => {
  let brokers: KafkaCluster;
  beforeAll(async () => {
    brokers = await startKafka();
  }, 90_000);
  afterAll(() => brokers.stop(), 30_000);

  test('the same writer goes on in the other form', async () => {
    const topic = topicName('forms');
    const admin = quietKafka(brokers.bootstrap).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const forms: (string | undefined)[] = [];
    const transactions = async (): Promise<void> => {
      // A connection learns the features once, when it is made.
      const cluster = openCluster({ brokers: [brokers.bootstrap] });
      const writer = openTransactionalWriter(cluster, { transactionalId: topic });
      await writer.fence();
      for (let i = 0; i < 10; i++) {
        const records = [{ topic, partition: 0, records: [{ key: null, value: `${i}`, timestamp: Date.now() }] }];
        const offsets = { group: `${topic}-group`, offsets: [{ topic, partition: 0, offset: BigInt(i) }] };
        expect(await writer.transact({ records, offsets })).toEqual({ end: 'committed' });
      }
      forms.push(writer.form);
      await cluster.close();
    };
    await transactions();
    await setTransactionVersion(brokers.bootstrap, 'downgrade', 1);
    await transactions();
    await setTransactionVersion(brokers.bootstrap, 'upgrade', 2);
    await transactions();
    expect(forms).toEqual(['v2', 'classic', 'v2']);
    await admin.disconnect();
  }, 120_000);
});

describeWith('cluster', 'in the classic form the transactional writer commits exactly once though', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka();
    await setTransactionVersion(cluster.bootstrap, 'downgrade', 1);
  }, 120_000);
  afterAll(() => cluster.stop(), 30_000);

  writerFaults(
    () => cluster.bootstrap,
    () => 200,
  );
});
