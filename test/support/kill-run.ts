import { setTimeout as delay } from 'node:timers/promises';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { chainNames, chainTopics } from './chain-names.ts';
import { readAfter, totalOf, watch } from './chain-oracle.ts';
import { openChain, type Chain, type ChainWorker } from './chain.ts';
import { eventually } from './eventually.ts';
import type { KafkaCluster } from './kafka.ts';
import { quietKafka } from './kafka-client.ts';
import { seeded } from './random.ts';

export interface KillRun {
  readonly seed: number;
  readonly records: number;
  readonly keys: number;
  readonly kills: number;
  /** Kills of which no supervisor knows: the group finds out by itself. */
  readonly unnoticed: number;
  readonly stops: number;
  readonly stopMs: number;
  readonly brokerKills: number;
  readonly comings: number;
  /** Between two faults, on average. */
  readonly everyMs: number;
}

type Fault = 'kill' | 'unnoticed' | 'stop' | 'broker' | 'coming';
/** How long it took until all that a worker had was committed by others again, by how it went. */
type Recoveries = Record<'kill' | 'kill while another stands still' | 'unnoticed' | 'clean stop', number[]>;

/**
 * A chain of three counting stages on 12 partitions in three processes, while at seeded times processes are killed and
 * stopped, come and go, and brokers die. Answers what is wrong at the end; nothing should be.
 */
export async function killRun(kafka: KafkaCluster, brokers: number, run: KillRun): Promise<readonly string[]> {
  const options = { bootstrap: kafka.bootstrap, prefix: `kill-run-${run.seed}`, partitions: 12, stages: 3 };
  const config = kafkaConfig({ brokers: kafka.bootstrap.split(','), clientId: 'kill-run' });
  await createTopics(options, kafka.bootstrap, brokers);
  const random = seeded(run.seed);
  const chain = openChain(options);
  const [cluster, fetcher] = [openCluster(config), openFetcher({ config })];
  const watching = watch(fetcher, options);
  const outputs = chainNames(options).map(({ to }) => to);
  const last = outputs.at(-1) ?? '';
  try {
    for (let i = 0; i < 3; i++) chain.start();
    await eventually('all workers have their partitions', () => isShared(chain), 60_000);
    const faults = shuffled(random, run);
    const progress = { share: 0, over: false };
    const writing = write(openIdempotentWriter(cluster, { deadlineMs: 120_000 }), options, run, progress);
    const recoveries: Recoveries = { kill: [], 'kill while another stands still': [], unnoticed: [], 'clean stop': [] };
    const still = new Set<ChainWorker>();
    const died = { count: 0 };
    for (const [done, fault] of faults.entries()) {
      const pause = run.everyMs * (0.5 + random());
      for (let waited = 0; waited < pause; waited += 100) {
        // Records come until the last fault, whatever each takes.
        progress.share = (done + waited / pause) / faults.length;
        await delay(100);
      }
      await inflict(fault, { kafka, brokers, chain, random, run, recoveries, still, died });
    }
    progress.over = true;
    await writing;
    await eventually(
      `all records came through (${outputs.map((topic) => watching.total(topic)).join(', ')} of ${run.records})`,
      () => watching.total(last) >= run.records,
      120_000,
    ).catch((thrown: unknown) => {
      console.error(outputs.map((topic) => watching.total(topic)));
      throw thrown;
    });
    // Whatever would come twice comes now.
    await delay(1_000);
    for (const worker of [...chain.workers]) await chain.stop(worker);
    const after = await readAfter(fetcher, options);
    report(chain, recoveries, watching, outputs);
    return [
      ...after.faults,
      ...[watching.seen, after.seen].flatMap((seen) =>
        [...seen].flatMap(([topic, one]) => [
          ...one.faults,
          ...(totalOf(one) === run.records ? [] : [`${topic}: ${totalOf(one)} of ${run.records} records`]),
        ]),
      ),
      ...chain.told.flatMap(({ event }) => (event.event === 'failed' ? [JSON.stringify(event)] : [])),
    ];
  } finally {
    await watching.close();
    await chain.close();
    await Promise.all([cluster.close(), fetcher.close()]);
  }
}

const isShared = ({ workers }: Chain): boolean =>
  [...workers].every(
    ({ generations }) =>
      generations.size === 3 && [...generations.values()].every(({ partitions }) => partitions.length === 4),
  );

async function createTopics(
  options: Parameters<typeof chainTopics>[0] & { partitions: number },
  at: string,
  copies: number,
) {
  const admin = quietKafka(at).admin();
  await admin.connect();
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }];
  const settings = copies === 1 ? [] : [{ name: 'min.insync.replicas', value: '2' }];
  await admin.createTopics({
    topics: chainTopics(options).map((topic) => ({
      topic,
      numPartitions: options.partitions,
      replicationFactor: copies,
      configEntries: topic.includes('-state-') ? [...compacted, ...settings] : settings,
    })),
  });
  await admin.disconnect();
}

async function write(
  writer: ReturnType<typeof openIdempotentWriter>,
  { prefix, partitions }: { prefix: string; partitions: number },
  { records, keys }: KillRun,
  progress: { readonly share: number; readonly over: boolean },
): Promise<void> {
  for (let number = 0; number < records; await delay(100)) {
    const until = progress.over ? Math.min(records, number + 10_000) : Math.floor(records * 0.98 * progress.share);
    const byPartition = new Map<number, { key: string; value: string; timestamp: number }[]>();
    for (; number < until; number++) {
      const key = number % keys;
      const list = byPartition.get(key % partitions) ?? [];
      byPartition.set(key % partitions, list);
      list.push({ key: `key-${key}`, value: `key-${key} ${number}`, timestamp: Date.now() });
    }
    const batches = [...byPartition].map(([partition, list]) => ({ topic: `${prefix}-0`, partition, records: list }));
    if (batches.length > 0) await writer.write(batches);
  }
}

function shuffled(random: () => number, { kills, unnoticed, stops, brokerKills, comings }: KillRun): readonly Fault[] {
  const faults: Fault[] = [
    ...Array<Fault>(kills).fill('kill'),
    ...Array<Fault>(unnoticed).fill('unnoticed'),
    ...Array<Fault>(stops).fill('stop'),
    ...Array<Fault>(brokerKills).fill('broker'),
    ...Array<Fault>(comings).fill('coming'),
  ];
  return faults
    .map((fault) => ({ fault, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
}

interface Inflicting {
  readonly kafka: KafkaCluster;
  readonly brokers: number;
  readonly chain: Chain;
  readonly random: () => number;
  readonly run: KillRun;
  readonly recoveries: Recoveries;
  /** Workers that were stopped: a group waits for them until their session ends. */
  readonly still: Set<ChainWorker>;
  readonly died: { count: number };
}

async function inflict(
  fault: Fault,
  { kafka, brokers, chain, random, run, recoveries, still, died }: Inflicting,
): Promise<void> {
  const workers = [...chain.workers];
  const worker = workers[Math.floor(random() * workers.length)];
  if (worker === undefined) throw new Error('no worker is left');
  const owned = [...worker.generations].flatMap(([stage, { partitions }]) =>
    partitions.map((one) => `${stage} ${one}`),
  );
  const gone = async (how: keyof Recoveries, go: () => Promise<unknown>): Promise<void> => {
    const [at, from] = [performance.now(), chain.told.length];
    await go();
    const said = how === 'kill' && still.size > 0 ? 'kill while another stands still' : how;
    recovered(chain, worker, owned, at, from).then((ms) => recoveries[said].push(ms), console.error);
  };
  if (fault === 'kill' || fault === 'unnoticed') {
    await gone(fault, () => chain.kill(worker, fault === 'kill'));
    chain.start();
  } else if (fault === 'stop') {
    worker.process.kill('SIGSTOP');
    still.add(worker);
    chain.start();
    setTimeout(() => {
      worker.process.kill('SIGCONT');
      still.delete(worker);
      // One more than before: the one that comes back is told to go, later.
      setTimeout(() => {
        chain.stop(worker).catch(console.error);
      }, 3_000);
    }, run.stopMs);
  } else if (fault === 'broker') {
    // In turn, so that each of them dies.
    const node = 1 + (died.count++ % brokers);
    process.stderr.write(`broker ${node} dies\n`);
    await kafka.kill(node);
    await delay(1_000 + random() * 2_000);
    await kafka.start(node);
  } else if (random() < 0.5) chain.start();
  else if (workers.length > 2) await gone('clean stop', () => chain.stop(worker));
  else chain.start();
}

/** When everything that a worker had is committed by others again. */
async function recovered(
  chain: Chain,
  gone: ChainWorker,
  owned: readonly string[],
  at: number,
  from: number,
): Promise<number> {
  const open = new Set(owned);
  for (let next = from; open.size > 0 && performance.now() - at < 60_000;) {
    for (; next < chain.told.length; next++) {
      const { event, worker } = chain.told[next] as Chain['told'][number];
      if (event.event !== 'committed' || worker === gone) continue;
      for (const { partition } of event.lanes) open.delete(`${event.stage} ${partition}`);
    }
    await delay(10);
  }
  return performance.now() - at;
}

function report(chain: Chain, recoveries: Recoveries, watching: ReturnType<typeof watch>, outputs: readonly string[]) {
  for (const [how, times] of Object.entries(recoveries)) {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
    if (sorted.length > 0)
      process.stderr.write(
        `recovery after a ${how}: p50 ${at(0.5)} ms, p90 ${at(0.9)}, max ${at(1)} (${sorted.length})\n`,
      );
  }
  const count = (name: string) => chain.told.filter(({ event }) => event.event === name).length;
  process.stderr.write(
    `${count('committed')} commits, ${count('not-committed')} not, ${count('fenced')} fenced, ` +
      `${count('fenced-dead')} times left behind; ${outputs.map((topic) => watching.total(topic)).join(', ')} records\n`,
  );
}
