// The Kafka room beside kafkajs, on a real broker of the same machine, which the bench starts. Both take turns in one
// process, so that what slows the machine slows both.
import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, Producer } from 'kafkajs';
import { openCluster } from '../src/kafka/cluster.ts';
import { kafkaConfig } from '../src/kafka/connection.ts';
import { openLanes } from '../src/kafka/group/lanes.ts';
import { openFetcher } from '../src/kafka/reader/fetcher.ts';
import { offsetOf } from '../src/kafka/reader/offsets.ts';
import { openIdempotentWriter } from '../src/kafka/writer/idempotent-writer.ts';
import { openTransactionalWriter } from '../src/kafka/writer/transactional-writer.ts';
import { quietKafka, transactional } from '../test/support/kafka-client.ts';
import { startKafka } from '../test/support/kafka.ts';

const brokers = Number(process.argv[2] ?? 1) === 3 ? 3 : 1;
const kafkaCluster = await startKafka({ brokers });
const config = kafkaConfig({ brokers: kafkaCluster.bootstrap.split(','), clientId: 'bench' });
const kafka = quietKafka(kafkaCluster.bootstrap);
const admin = kafka.admin();
await admin.connect();
const cluster = openCluster(config);

const cpuMs = (before: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const at = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
const row = (name: string, values: readonly string[]) =>
  console.log(`  ${name.padEnd(28)}${values.map((one) => one.padStart(12)).join('')}`);

const createTopic = async (topic: string, numPartitions: number) => {
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: brokers }] });
};

async function transactions(): Promise<void> {
  for (const topic of ['out', 'state']) await createTopic(topic, 2);
  const value = Buffer.alloc(300, 'x');
  const many = Array.from({ length: 8 }, () => ({ key: 'k', value, timestamp: Date.now() }));
  const writer = openTransactionalWriter(cluster, { transactionalId: 'ours' });
  await writer.fence();
  const ours = async (round: number) => {
    const records = ['out', 'state'].map((topic) => ({ topic, partition: 0, records: many }));
    const offsets = { group: 'ours', offsets: [{ topic: 'out', partition: 0, offset: BigInt(round) }] };
    const outcome = await writer.transact({ records, offsets });
    if (outcome.end !== 'committed') throw new Error(JSON.stringify(outcome));
  };
  const producer = transactional(kafka, 'theirs');
  await producer.connect();
  const messages = many.map(({ key, value: bytes }) => ({ key, value: bytes, partition: 0 }));
  const theirs = async (round: number) => {
    const transaction = await producer.transaction();
    for (const topic of ['out', 'state']) await transaction.send({ topic, messages });
    const topics = [{ topic: 'out', partitions: [{ partition: 0, offset: `${round}` }] }];
    await transaction.sendOffsets({ consumerGroupId: 'theirs', topics });
    await transaction.commit();
  };
  const seen = new Map<string, { ms: number[]; cpu: number[] }>();
  for (let round = 0; round < 210; round++) {
    for (const [name, run] of [
      ['downlink', ours],
      ['kafkajs', theirs],
    ] as const) {
      await delay(50);
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      await run(round);
      const one = seen.get(name) ?? { ms: [], cpu: [] };
      seen.set(name, one);
      if (round < 10) continue;
      one.ms.push(performance.now() - began);
      one.cpu.push(cpuMs(cpu));
    }
  }
  await producer.disconnect();
  console.log(
    `\none transaction every 100 ms: 2 topics × 8 records of 300 bytes, offsets, commit (200 of each, ${brokers} broker(s))`,
  );
  row('', ['p50 ms', 'p99 ms', 'CPU ms']);
  for (const [name, { ms, cpu }] of seen)
    row(
      name,
      [at(ms, 0.5), at(ms, 0.99), at(cpu, 0.5)].map((one) => one.toFixed(1)),
    );
}

async function fencing(): Promise<void> {
  const ms: number[] = [];
  for (let round = 0; round < 20; round++) {
    const producer: Producer = transactional(kafka, `fence-${round}`);
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'out', messages: [{ value: 'open', partition: 1 }] });
    const began = performance.now();
    await openTransactionalWriter(cluster, { transactionalId: `fence-${round}` }).fence();
    ms.push(performance.now() - began);
    await producer.disconnect();
  }
  console.log('\nfencing an owner with an open transaction (20)');
  row('', ['p50 ms', 'max ms']);
  row(
    'downlink',
    [at(ms, 0.5), at(ms, 1)].map((one) => one.toFixed(1)),
  );
}

async function reading(): Promise<void> {
  const [topic, count] = ['read', 400_000];
  await createTopic(topic, 1);
  const writer = openIdempotentWriter(cluster);
  const records = Array.from({ length: 1_000 }, (_, i) => ({
    key: `SAT-001/A-${i % 54}`,
    value: Buffer.alloc(90, 'v'),
    timestamp: Date.now(),
  }));
  for (let done = 0; done < count; done += 1_000) await writer.write([{ topic, partition: 0, records }]);
  const to = await offsetOf(cluster, { topic, partition: 0 }, 'latest');

  const ours = async () => {
    const fetcher = openFetcher({ config, maxPartitionBytes: 8 << 20 });
    const source = fetcher.open({ topic, partition: 0 }, 0n, to);
    let bytes = 0;
    for (let position = 0n; position < to;) {
      const chunk = await source.next();
      for (const record of chunk.records()) bytes += (record.keyText()?.length ?? 0) + (record.value?.length ?? 0);
      position = chunk.position;
    }
    await fetcher.close();
    return bytes;
  };
  const theirs = async () => {
    const consumer: Consumer = kafka.consumer({
      groupId: `read-${Math.random()}`,
      maxBytesPerPartition: 8 << 20,
      maxBytes: 8 << 20,
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let [bytes, seen] = [0, 0];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachBatch: ({ batch }) => {
            for (const { key, value } of batch.messages) bytes += String(key).length + (value?.length ?? 0);
            seen += batch.messages.length;
            if (seen >= count) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return bytes;
  };
  console.log(
    `\nreading ${count} records of ~100 bytes with a key, as a string, in batches of 1,000 (connect and leave included; best of 3)`,
  );
  row('', ['µs CPU each', 'bytes']);
  for (const [name, run] of [
    ['downlink', ours],
    ['kafkajs eachBatch', theirs],
  ] as const) {
    let [best, bytes] = [Infinity, 0];
    for (let i = 0; i < 3; i++) {
      const cpu = process.cpuUsage();
      bytes = await run();
      best = Math.min(best, (cpuMs(cpu) * 1000) / count);
    }
    row(name, [best.toFixed(2), String(bytes)]);
  }
}

async function idling(): Promise<void> {
  await createTopic('idle', 4);
  const idle = async () => {
    const cpu = process.cpuUsage();
    await delay(8_000);
    return cpuMs(cpu) / 80;
  };
  const nothing = await idle();
  const run = async (lane: { read(from: bigint): { next(): Promise<unknown> }; signal: AbortSignal }) => {
    const source = lane.read(0n);
    while (!lane.signal.aborted) await source.next();
  };
  const fail = (error: Error) => console.error(error.message);
  const fetcher = openFetcher({ config });
  const members = Array.from({ length: 4 }, (_, i) =>
    openLanes({ config, fetcher, group: `idle-${i}`, topics: ['idle'], run, onFailure: fail }),
  );
  await delay(8_000);
  const ours = await idle();
  for (const lanes of members) await lanes.close();
  await fetcher.close();
  console.log('\nidle, four groups with one member each, % of a core over 8 s');
  row('nobody', [nothing.toFixed(2)]);
  row('downlink', [ours.toFixed(2)]);
}

await transactions();
await fencing();
if (brokers === 1) {
  await reading();
  await idling();
}
await Promise.all([cluster.close(), admin.disconnect()]);
await kafkaCluster.stop();
process.exit(0);
