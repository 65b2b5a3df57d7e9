// A process of `bench/lane`: hands records on as bytes, by downlink's runner or by kafkajs. Its parent asks what it cost.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import type { Transaction } from '../../src/kafka/writer/transaction.ts';
import { realClock } from '../../src/runner/clock.ts';
import { openKafkaBroker } from '../../src/runner/kafka-broker.ts';
import { defaultLimits, runStage, type Broker } from '../../src/runner/run-stage.ts';
import type { Wiring } from '../../src/runner/wiring.ts';
import { quietKafka } from './kafka-client.ts';

export interface LaneWork {
  readonly by: 'downlink' | 'a writer per lane' | 'kafkajs';
  readonly bootstrap: string;
  readonly from: string;
  readonly to: string;
  readonly partitions: number;
  readonly stages: number;
  readonly commitIntervalMs: number;
}

export interface Spent {
  readonly records: number;
  readonly cpuMs: number;
  readonly commits: number;
  readonly opened: number;
  readonly lastOpenedMs: number;
}

const work = JSON.parse(process.argv[2] ?? '') as LaneWork;
const began = performance.now();
const spent = { records: 0, commits: 0, opened: 0, lastOpenedMs: 0 };
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ ...spent, cpuMs: (user + system) / 1000 } satisfies Spent);
});
process.once('disconnect', () => process.exit(0));

const passOn = (group: string, from: string, to: string): Wiring<Buffer, Buffer> => ({
  name: group,
  group,
  from: { topic: from, decode: (bytes) => bytes },
  to: { topic: to, partitions: work.partitions, encode: (bytes) => bytes },
  deadLetters: { topic: to, partitions: work.partitions },
  open: () => ({
    process: ({ records }) => ({ send: records.map(({ key, value }) => ({ key: key ?? '', value })) }),
  }),
});

/** What the runner would do with a transaction for each lane: the same records and offsets, in as many as there are lanes. */
function writerPerLane(broker: Broker): Broker {
  const openWriter: Broker['openWriter'] = (id) => {
    const writers = Array.from({ length: work.partitions }, (_, i) => broker.openWriter(`${id}-${i}`));
    const [first] = writers;
    if (first === undefined) throw new Error('no partitions');
    return {
      form: undefined,
      fence: async () => {
        for (const writer of writers.slice(1)) await writer.fence();
        return first.fence();
      },
      resume: () => first.resume(),
      transact: async ({ records, offsets }: Transaction) => {
        const parts = (offsets?.offsets ?? []).map(async (own) =>
          writers[own.partition]?.transact({
            records: records.filter(({ partition }) => partition === own.partition),
            ...(offsets && { offsets: { ...offsets, offsets: [own] } }),
          }),
        );
        spent.commits += parts.length - 1;
        for (const end of await Promise.all(parts)) if (end?.end !== 'committed') throw new Error(JSON.stringify(end));
        return { end: 'committed' };
      },
    };
  };
  // No member of the group is known to have these writers: they would be ended as those of a dead one.
  return { ...broker, openWriter, endLeftBehind: () => Promise.resolve([]) };
}

function runDownlink(): void {
  const broker = openKafkaBroker({ config: kafkaConfig({ brokers: work.bootstrap.split(','), clientId: 'bench' }) });
  for (let i = 0; i < work.stages; i++) {
    runStage({
      wiring: passOn(`${work.from}-group-${i}`, work.from, work.to),
      broker: work.by === 'downlink' ? broker : writerPerLane(broker),
      limits: { ...defaultLimits, commit: { ...defaultLimits.commit, commitIntervalMs: work.commitIntervalMs } },
      clock: realClock,
      unique: randomUUID,
      emit: (event) => {
        if (event.event === 'committed') spent.commits += 1;
        if (event.event === 'committed') for (const { records } of event.lanes) spent.records += records;
        if (event.event === 'lane-opened') spent.opened += 1;
        if (event.event === 'lane-opened') spent.lastOpenedMs = performance.now() - began;
        if (event.event === 'failed') console.error(event.error);
      },
      onFailure: (error) => console.error(error),
    });
  }
}

/** The usual loop: at least once, with an acknowledged send for every batch. */
async function runKafkajs(): Promise<void> {
  const kafka = quietKafka(work.bootstrap);
  const [consumer, producer] = [kafka.consumer({ groupId: `${work.from}-kafkajs` }), kafka.producer()];
  await Promise.all([consumer.connect(), producer.connect()]);
  await consumer.subscribe({ topics: [work.from], fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const messages = batch.messages.map(({ key, value }) => ({ key, value, partition: batch.partition }));
      await producer.send({ topic: work.to, messages });
      spent.records += messages.length;
      spent.commits += 1;
      spent.opened = work.partitions;
    },
  });
}

if (work.by === 'kafkajs') await runKafkajs();
else runDownlink();
await delay(2 ** 31 - 1);
