import { setTimeout as delay } from 'node:timers/promises';
import { openCluster } from '../../src/kafka/cluster.ts';
import { offsetOf } from '../../src/kafka/reader/offsets.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import type { Outcome } from '../../src/kafka/writer/transaction.ts';
import { openTransactionalWriter } from '../../src/kafka/writer/transactional-writer.ts';
import { startEmbeddedCluster } from './embedded-kafka.ts';
import { eventually } from './eventually.ts';
import { quietKafka } from './kafka-client.ts';
import { seeded, seedOfRun } from './random.ts';
import { openSmallLog } from './small-log.ts';

export interface BrokerKills {
  readonly acknowledged: number;
  readonly ends: Readonly<Record<Outcome['end'], number>>;
  /** Transactions that nobody ended. */
  readonly left: number;
  /** What must not be. */
  readonly wrong: readonly string[];
}

const partitions = [0, 1, 2];
const writers = ['a', 'b'];
/** Small, so that segments end all the time. */
const segment = [{ name: 'segment.bytes', value: '60000' }];

/**
 * Kills the embedded broker again and again while two idempotent writers and a transactional one write to it, each batch to several
 * partitions, and looks at what is there: `each` promises that all that was acknowledged is, once and in order.
 */
export async function killBroker(kills: number): Promise<BrokerKills> {
  const random = seeded(seedOfRun());
  const broker = await startEmbeddedCluster('each');
  const kafka = quietKafka(broker.bootstrap);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      { topic: 'plain', numPartitions: partitions.length, configEntries: segment },
      { topic: 'transactions', numPartitions: partitions.length, configEntries: segment },
      { topic: 'left', numPartitions: 1 },
    ],
  });
  await admin.disconnect();

  const config = { brokers: [broker.bootstrap], clientId: 'kills' };
  const acknowledged = new Map<string, number>();
  const ends: Outcome['end'][] = [];
  const wrong: string[] = [];
  const state = { over: false };
  const record = (key: string, value: string) => ({ key, value, timestamp: Date.now() });

  const write = async (name: string): Promise<void> => {
    const cluster = openCluster(config);
    const writer = openIdempotentWriter(cluster);
    for (let round = 0; !state.over; round++) {
      const records = Array.from({ length: 1 + (round % 4) }, (_, i) => record(name, `${name}.${round}.${i}`));
      await writer.write(partitions.map((partition) => ({ topic: 'plain', partition, records })));
      acknowledged.set(name, round + 1);
    }
    await cluster.close();
  };
  const transact = async (): Promise<void> => {
    const cluster = openCluster(config);
    const writer = openTransactionalWriter(cluster, { transactionalId: 'kills' });
    await writer.fence();
    for (let round = 0; !state.over; round++) {
      const records = [0, 1].map((i) => record('t', `${round}.${i}`));
      const outcome = await writer.transact({
        records: partitions.map((partition) => ({ topic: 'transactions', partition, records })),
        offsets: { group: 'kills', offsets: [{ topic: 'plain', partition: 0, offset: BigInt(round) }] },
      });
      ends.push(outcome.end);
      if (outcome.end === 'committed' || outcome.owner === 'ours') continue;
      if ((await writer.resume()) === 'lost')
        throw new Error(`nobody else has its id, and it was fenced: ${outcome.why}`);
    }
    await cluster.close();
  };
  const leaving = Array.from({ length: kills }, (_, i) =>
    kafka.producer({
      transactionalId: `left-${i}`,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 4_000,
    }),
  );
  const kill = async (): Promise<void> => {
    for (const producer of leaving) {
      await producer.connect();
      const open = await producer.transaction();
      await open.send({ topic: 'left', messages: [{ value: 'never ended' }] });
      const before = ends.length;
      await eventually('transactions flow', () => ends.length > before, 30_000);
      await delay(random() * 300);
      await broker.kill(1);
      await broker.start(1);
    }
    state.over = true;
  };
  try {
    await Promise.all([kill(), transact(), ...writers.map(write)]).finally(() => {
      state.over = true;
    });
    await Promise.all(leaving.map((producer) => producer.disconnect()));
    wrong.push(...(await wrongIn(broker.bootstrap, { acknowledged, ends, kills })));
  } finally {
    await broker.stop();
  }
  const count = (end: Outcome['end']): number => ends.filter((one) => one === end).length;
  return {
    acknowledged: [...acknowledged.values()].reduce((sum, rounds) => sum + rounds, 0),
    ends: { committed: count('committed'), 'not committed': count('not committed'), unknown: count('unknown') },
    left: kills,
    wrong,
  };
}

interface Told {
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly ends: readonly Outcome['end'][];
  readonly kills: number;
}

async function wrongIn(bootstrap: string, { acknowledged, ends, kills }: Told): Promise<readonly string[]> {
  const wrong: string[] = [];
  const log = openSmallLog(bootstrap);
  // Every other one comes back, the others' time runs out.
  for (let i = 0; i < kills; i += 2)
    await openTransactionalWriter(log.cluster, { transactionalId: `left-${i}` }).fence();
  const place = { topic: 'left', partition: 0 };
  const end = await offsetOf(log.cluster, place, 'latest', false);
  await eventually(
    'what was left open is over',
    async () => (await offsetOf(log.cluster, place, 'latest')) >= end,
    20_000,
  );
  const left = await log.values('left', 1);
  if (left.flat().length > 0) wrong.push(`${left.flat().length} records of transactions that nobody ended`);

  for (const [partition, values] of (await log.values('plain', partitions.length)).entries())
    for (const [name, rounds] of acknowledged) {
      const own = values.filter((value) => value.startsWith(`${name}.`));
      const right = Array.from({ length: rounds }, (_, round) =>
        Array.from({ length: 1 + (round % 4) }, (_, i) => `${name}.${round}.${i}`),
      ).flat();
      const at = right.findIndex((value, i) => own[i] !== value);
      if (at !== -1 || own.length !== right.length)
        wrong.push(
          `plain ${partition}: ${own.length} of ${right.length} of ${name}, not right from ${right[at] ?? 'the end'} on`,
        );
    }
  for (const [partition, values] of (await log.values('transactions', partitions.length)).entries()) {
    const rounds = values.map((value) => Number(value.split('.')[0]));
    if (rounds.some((round, i) => round < (rounds[i - 1] ?? 0))) wrong.push(`transactions ${partition}: out of order`);
    const seen = new Map<number, number>();
    for (const round of rounds) seen.set(round, (seen.get(round) ?? 0) + 1);
    for (const [round, told] of ends.entries()) {
      const there = seen.get(round) ?? 0;
      const isRight = told === 'unknown' ? there === 0 || there === 2 : there === (told === 'committed' ? 2 : 0);
      if (!isRight) wrong.push(`transactions ${partition}: ${round} was told ${told}, and ${there} of 2 are there`);
    }
  }
  await log.close();
  return wrong;
}
