import { setTimeout as delay } from 'node:timers/promises';
import type { Records } from '../../src/contract/index.ts';
import type { Fetcher } from '../../src/kafka/reader/fetcher.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { eventually } from './eventually.ts';
import type { KafkaCluster } from './kafka.ts';
import { seeded } from './random.ts';
import { scoreHashes } from './score-hash.ts';
import { countOf, openReading, scoresOf } from './smap-reading.ts';
import { smapStages, type SmapSystem } from './smap-system.ts';
import { detectorStates, toldAnomalies, undisturbedAnomalies } from './told-anomalies.ts';
import { exported } from './victoria.ts';

export interface ExactResume {
  readonly seed: number;
  readonly kafka: KafkaCluster;
  readonly system: SmapSystem;
  /** The arguments of `downlink replay`, but for how fast. */
  readonly replay: readonly string[];
  /** What it should be scored. */
  readonly golden: readonly Records['scores'][];
  readonly samples: number;
  /** Of the longest entity. */
  readonly rows: number;
  /** How often each of the processes dies. */
  readonly rounds: number;
  /** What the detector learns before: arguments of `downlink detect train`. */
  readonly train?: readonly string[];
}

/** Also what watches the scores, and tells of it. */
const stages = [...smapStages, 'detect', 'report'] as const;
type Victim = (typeof stages)[number] | 'inference server' | 'broker' | 'VictoriaMetrics' | 'more' | 'fewer';
const victims: readonly Victim[] = [...stages, 'inference server', 'broker', 'VictoriaMetrics', 'more', 'fewer'];

export interface Result {
  readonly hashes: ReadonlyMap<string, string>;
  /** What was told, and what an undisturbed detector tells of the golden scores. */
  readonly anomalies: Awaited<ReturnType<typeof toldAnomalies>>;
  readonly undisturbed: Awaited<ReturnType<typeof undisturbedAnomalies>>;
  /** Whatever is not as it should be; nothing should be. */
  readonly faults: readonly string[];
}

/**
 * Replays into the running system while each of its processes dies in turn, in seeded order and at seeded times, and
 * instances of all stages come and go. Answers what was scored, and what is wrong with it.
 */
export async function exactResume(run: ExactResume): Promise<Result> {
  const { kafka, system, samples, rounds, train, golden } = run;
  const { topology, registry } = system;
  const random = seeded(run.seed);
  const reading = openReading(kafka.bootstrap);
  const { fetcher } = reading;
  try {
    if (train !== undefined) await system.downlink('detect', 'train', ...train);
    const learned = await detectorStates(topology, registry, fetcher);
    for (const stage of stages) system.start([stage]);
    const dying = killEach(run, random);
    // So long that every death finds it at work; what is left over is replayed at full speed.
    // Entities may be of different lengths.
    const rows = Math.ceil(samples / system.topology.entities.length);
    const first = Math.floor(rows * 0.7);
    const seconds = rounds * victims.length * 2.5;
    const speed = (first * 30) / seconds;
    await system.downlink('replay', ...run.replay, '--rows', String(first), '--speed', speed.toFixed(0));
    await dying;
    // In which the inference server forgets every sequence, where it is told to be so forgetful.
    await delay(2_500);
    await system.downlink('replay', ...run.replay, '--resume', '--speed', 'max', '--rows', String(run.rows));
    let scores: readonly Records['scores'][] = [];
    const isAll = async (): Promise<boolean> => {
      scores = await scoresOf(system.topology, system.registry, fetcher);
      return countOf(scores) >= samples;
    };
    await eventually('all is scored', isAll, 120_000).catch((thrown: unknown) => {
      console.error(`${countOf(scores)} of ${samples}\n${system.log().slice(-3_000)}`);
      throw thrown;
    });
    const undisturbed = await undisturbedAnomalies(topology, golden, learned);
    const count = (of: typeof undisturbed): number => [...of.values()].reduce((sum, { length }) => sum + length, 0);
    let anomalies = await toldAnomalies(topology, registry, fetcher);
    const isTold = async (): Promise<boolean> => {
      anomalies = await toldAnomalies(topology, registry, fetcher);
      return count(anomalies) >= count(undisturbed);
    };
    await eventually('all anomalies are told', isTold, 60_000).catch((thrown: unknown) => console.error(thrown));
    process.stderr.write(`${count(anomalies)} records of anomalies\n`);
    return {
      anomalies,
      undisturbed,
      hashes: scoreHashes(scores),
      faults: [...(await wrongIn(run, scores)), ...(await lettersIn(run, fetcher))],
    };
  } finally {
    await reading.close();
  }
}

async function killEach({ kafka, system, rounds, seed }: ExactResume, random: () => number): Promise<void> {
  const order = Array.from({ length: rounds }, () => shuffled(victims, random)).flat();
  process.stderr.write(`seed ${seed}: ${order.join(', ')}\n`);
  // Until all is under way.
  await delay(2_000);
  for (const victim of order) {
    await delay(500 + 1_500 * random());
    if (victim === 'inference server') await system.restartInference();
    else if (victim === 'broker') {
      await kafka.kill(1);
      await delay(500 * random());
      await kafka.start(1);
    } else if (victim === 'VictoriaMetrics') {
      await system.victoria?.kill();
      await delay(1_000 * random());
      await system.victoria?.start();
    } else if (victim === 'more') {
      // Three of each, then two.
      for (let i = 0; i < 2; i++) system.start(stages);
    } else if (victim === 'fewer') {
      const one = system.processes.find(({ stages }) => stages.length > 1);
      if (one !== undefined) await system.stop(one);
    } else {
      const one = system.processes.find(({ stages }) => stages.includes(victim));
      if (one !== undefined) await system.kill(one);
      system.start(one?.stages ?? [victim]);
    }
  }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

async function lettersIn({ system: { topology } }: ExactResume, fetcher: Fetcher): Promise<readonly string[]> {
  const { kafkaName: topic, partitions } = topology.deadLetters;
  let letters = 0;
  for (let partition = 0; partition < partitions; partition++)
    for await (const record of read(fetcher, { topic, partition })) letters += record.size >= 0 ? 1 : 0;
  return letters === 0 ? [] : [`${letters} dead letters`];
}

/** Each index has exactly one score, and VictoriaMetrics has it, once, with that value. */
async function wrongIn({ system, samples }: ExactResume, scores: readonly Records['scores'][]) {
  const wrong: string[] = [];
  const byEntity = new Map<string, Map<number, number>>();
  for (const { satellite_id: satellite, entity, indices, timestamps, score } of scores) {
    const key = `${satellite},${entity}`;
    const own = byEntity.get(key) ?? new Map<number, number>();
    byEntity.set(key, own);
    for (const [at, index] of indices.entries()) {
      const time = timestamps[at] ?? NaN;
      if (own.has(time)) wrong.push(`${key}: sample ${index} is scored twice`);
      own.set(time, score[at] ?? NaN);
    }
  }
  const total = [...byEntity.values()].reduce((sum, own) => sum + own.size, 0);
  if (total !== samples) wrong.push(`${total} of ${samples} samples are scored`);
  const { victoria } = system;
  if (victoria === undefined) return wrong;
  let last: readonly string[] = [];
  const isThere = async (): Promise<boolean> => {
    last = differences(byEntity, await exported(victoria.url, '{__name__="smap_anomaly_score"}'));
    return last.length === 0;
  };
  await eventually('VictoriaMetrics has it all', isThere, 60_000).catch(() => wrong.push(...last.slice(0, 9)));
  return wrong;
}

function differences(
  scored: ReadonlyMap<string, ReadonlyMap<number, number>>,
  found: Awaited<ReturnType<typeof exported>>,
): readonly string[] {
  const wrong: string[] = [];
  for (const [key, own] of scored) {
    const points =
      [...found].find(
        ([name]) => name.includes(key.split(',')[1] ?? '') && name.includes(key.split(',')[0] ?? ''),
      )?.[1] ?? [];
    if (points.length !== own.size) wrong.push(`${key}: VictoriaMetrics has ${points.length} of ${own.size} scores`);
    for (const { timestamp, value } of points)
      if (Math.fround(value) !== own.get(timestamp))
        wrong.push(`${key}: VictoriaMetrics has another score at ${timestamp}`);
  }
  return wrong;
}
