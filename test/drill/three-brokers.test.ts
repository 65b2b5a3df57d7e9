import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/folder-lock.ts';
import { joinGroup } from '../support/group-member.ts';
import { startKafka, type KafkaCluster } from '../support/kafka.ts';
import { quietKafka } from '../support/kafka-client.ts';
import { topicName } from '../support/topic-name.ts';

describeWith('cluster', 'three brokers', () => {
  const topic = topicName('three-brokers');
  const nodes = [1, 2, 3];
  let cluster: KafkaCluster;
  const pids = (): number[] => nodes.map((node) => cluster.pid(node) ?? 0);
  // A dead broker is noticed by the others only after nine seconds.
  const client = () =>
    quietKafka(cluster.bootstrap, { retry: { retries: 60, initialRetryTime: 50, maxRetryTime: 500 } });

  const partitions = async () => {
    const admin = client().admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions ?? [];
    } finally {
      await admin.disconnect();
    }
  };

  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    const admin = client().admin();
    await admin.connect();
    const configEntries = [{ name: 'min.insync.replicas', value: '2' }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 3, configEntries }] });
    await admin.disconnect();
  }, 120_000);
  afterAll(() => cluster.stop(), 60_000);

  test('keep every acknowledged record exactly once while one of them is killed', async () => {
    const victim = (await partitions()).find(({ partitionId }) => partitionId === 0)?.leader ?? 0;
    const producer = client().producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const acknowledged: string[] = [];
    // One send is one partition: in a send to several leaders kafkajs loses records when one of them dies.
    const produce = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        const value = `record ${acknowledged.length}`;
        await producer.send({ topic, acks: -1, messages: [{ value, partition: acknowledged.length % 3 }] });
        acknowledged.push(value);
      }
    };
    await produce(60);
    const producing = produce(240);
    await eventually('records flow', () => acknowledged.length > 100);
    await cluster.kill(victim);
    const before = acknowledged.length;
    await producing;
    expect(before).toBeLessThan(300);
    await producer.disconnect();

    const reader = await joinGroup(client(), `${topic}-reader`, topic);
    await eventually('all is read', () => new Set(reader.values()).size === acknowledged.length, 60_000);
    await reader.leave();
    expect(reader.values().sort()).toEqual([...acknowledged].sort());
  }, 120_000);

  test('take the killed one back, with its data and on its port', async () => {
    const dead = nodes.filter((node) => !isAlive(cluster.pid(node) ?? 0));
    expect(dead).toHaveLength(1);
    await cluster.start(dead[0] ?? 0);
    await eventually(
      'all replicas are in sync',
      async () => (await partitions()).every(({ isr }) => isr.length === 3),
      60_000,
    );
  }, 120_000);

  test('leave no process when they are stopped', async () => {
    expect(pids().map(isAlive)).toEqual([true, true, true]);
    await cluster.stop();
    expect(pids().map(isAlive)).toEqual([false, false, false]);
  }, 60_000);
});
