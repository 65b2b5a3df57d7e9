// A lane that hands records on, exactly once, beside kafkajs' eachBatch and send, at least once: CPU of the worker process,
// real Kafka, both in turn in one run. And how long many lanes take to start, and a large state to come back.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCluster } from '../src/kafka/cluster.ts';
import { kafkaConfig } from '../src/kafka/connection.ts';
import { openFetcher } from '../src/kafka/reader/fetcher.ts';
import { openIdempotentWriter } from '../src/kafka/writer/idempotent-writer.ts';
import { realClock } from '../src/runner/clock.ts';
import { kafkaLog } from '../src/runner/kafka-log.ts';
import { restore } from '../src/runner/restore.ts';
import { startKafka } from '../test/support/kafka.ts';
import { quietKafka } from '../test/support/kafka-client.ts';
import type { LaneWork, Spent } from '../test/support/lane-worker.ts';

const kafka = await startKafka();
const config = kafkaConfig({ brokers: kafka.bootstrap.split(','), clientId: 'bench' });
const admin = quietKafka(kafka.bootstrap).admin();
await admin.connect();
const [cluster, fetcher] = [openCluster(config), openFetcher({ config, maxPartitionBytes: 8 << 20 })];
const writer = openIdempotentWriter(cluster);

const createTopic = async (topic: string, numPartitions: number, settings: Readonly<Record<string, string>> = {}) => {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  // kafkajs' own wait for leaders fails where a broker does not know the topic yet.
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries }] });
  await delay(500);
};
const row = (name: string, values: readonly string[]) =>
  console.log(`  ${name.padEnd(34)}${values.map((one) => one.padStart(14)).join('')}`);

async function withWorker<T>(work: LaneWork, use: (ask: () => Promise<Spent>) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, '../test/support/lane-worker.ts'), [JSON.stringify(work)], {
    execArgv: ['--import', 'tsx'],
  });
  const ask = async (): Promise<Spent> => {
    child.send('spent');
    const [spent] = (await once(child, 'message')) as [Spent];
    return spent;
  };
  try {
    return await use(ask);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

const value = Buffer.alloc(300, 'v');

/** So many records a second, in equal portions every 20 ms. */
async function feed(topic: string, partitions: number, perSecond: number, seconds: number): Promise<void> {
  const began = performance.now();
  const portion = Math.max(1, Math.round(perSecond / 50 / partitions));
  for (let round = 1; round <= seconds * 50; round++) {
    const records = Array.from({ length: portion }, (_, i) => ({
      key: `SAT-001/A-${i % 9}`,
      value,
      timestamp: Date.now(),
    }));
    await writer.write(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, records })));
    await delay(Math.max(0, began + round * 20 - performance.now()));
  }
}

let rounds = 0;
async function flow(
  by: LaneWork['by'],
  partitions: number,
  perSecond: number,
  commitIntervalMs: number,
): Promise<void> {
  const [from, to] = [`from-${++rounds}`, `to-${rounds}`];
  await Promise.all([createTopic(from, partitions), createTopic(to, partitions)]);
  const work = { by, bootstrap: kafka.bootstrap, from, to, partitions, stages: 1, commitIntervalMs };
  await withWorker(work, async (ask) => {
    await feed(from, partitions, perSecond, 4); // until everything is compiled
    const before = await ask();
    const began = performance.now();
    await feed(from, partitions, perSecond, 10);
    const ms = performance.now() - began;
    const after = await ask();
    const [records, cpuMs] = [after.records - before.records, after.cpuMs - before.cpuMs];
    const interval = by === 'kafkajs' ? '' : ` ${commitIntervalMs} ms`;
    row(`${by}${interval}`, [
      ((cpuMs * 1000) / records).toFixed(1),
      `${((100 * cpuMs) / ms).toFixed(1)} %`,
      (records / (ms / 1000)).toFixed(0),
      ((after.commits - before.commits) / (ms / 1000)).toFixed(0),
    ]);
  });
}
const head = ['CPU µs each', 'of a core', 'records/s', 'commits/s'];

console.log('\n20,000 records a second of 300 bytes, 4 partitions');
row('', head);
for (const ms of [20, 50, 100]) await flow('downlink', 4, 20_000, ms);
await flow('a writer per lane', 4, 20_000, 50);
await flow('kafkajs', 4, 20_000, 50);

console.log('\n1,000 records a second, 1 partition');
row('', head);
for (const ms of [50, 100]) await flow('downlink', 1, 1_000, ms);
await flow('kafkajs', 1, 1_000, 50);

console.log('\n1,000 records a second, 12 partitions');
row('', head);
await flow('downlink', 12, 1_000, 50);
await flow('a writer per lane', 12, 1_000, 50);

console.log('\nidle, one stage, 4 partitions, over 10 s');
await Promise.all([createTopic('idle', 4), createTopic('idle-out', 4)]);
const idle = { by: 'downlink', bootstrap: kafka.bootstrap, from: 'idle', to: 'idle-out', partitions: 4 } as const;
await withWorker({ ...idle, stages: 1, commitIntervalMs: 50 }, async (ask) => {
  await delay(10_000);
  const before = await ask();
  await delay(10_000);
  row('downlink', [`${(((await ask()).cpuMs - before.cpuMs) / 100).toFixed(2)} %`]);
});

console.log('\nfrom nothing to 3 × 24 open lanes in one process (once its code is loaded)');
await Promise.all([createTopic('many', 24), createTopic('many-out', 24)]);
const many = { by: 'downlink', bootstrap: kafka.bootstrap, from: 'many', to: 'many-out', partitions: 24 } as const;
await withWorker({ ...many, stages: 3, commitIntervalMs: 50 }, async (ask) => {
  let spent = await ask();
  for (; spent.opened < 72; spent = await ask()) await delay(50);
  row('downlink', [`${(spent.lastOpenedMs / 1000).toFixed(2)} s`]);
});

console.log('\n100,000 checkpoints of 300 bytes, left by 10,000,000 updates');
await createTopic('state', 1, {
  'cleanup.policy': 'compact',
  'segment.bytes': String(64 << 20),
  'min.cleanable.dirty.ratio': '0.1',
  'min.compaction.lag.ms': '0',
});
for (let round = 0; round < 10_000; round++) {
  const records = Array.from({ length: 1_000 }, (_, i) => ({
    key: `key-${(round * 1_000 + i) % 100_000}`,
    value,
    timestamp: Date.now(),
  }));
  await writer.write([{ topic: 'state', partition: 0, records }]);
}
// The cleaner looks every 15 s.
await delay(30_000);
for (let i = 0; i < 3; i++) {
  const began = performance.now();
  const checkpoints = { topic: 'state', encode: (bytes: Buffer) => bytes, decode: (bytes: Buffer) => bytes };
  const found = await restore(kafkaLog(fetcher, 'nobody'), checkpoints, 0, realClock, new AbortController().signal);
  row(`${found.size} restored`, [`${((performance.now() - began) / 1000).toFixed(2)} s`]);
}

await Promise.all([cluster.close(), fetcher.close(), admin.disconnect()]);
await kafka.stop();
process.exit(0);
