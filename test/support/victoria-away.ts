import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { writerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import type { Records } from '../../src/contract/index.ts';
import { committedOffset } from '../../src/kafka/reader/offsets.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { eventually } from './eventually.ts';
import { openReading } from './smap-reading.ts';
import type { SmapSystem } from './smap-system.ts';
import { exported } from './victoria.ts';

export interface Away {
  readonly sent: number;
  readonly found: number;
  /** How fast what had gathered was written, in samples a second, with those that came meanwhile. */
  readonly drained: number;
  /** Of the exporter, in MB, while VictoriaMetrics is away, its first seconds aside: then what was under way is given up. */
  readonly memory: readonly [least: number, most: number];
  /** The most, while what had gathered is worked off as fast as it can be. */
  readonly mostAfterwards: number;
}

const [perSecond, samplesEach, sensors] = [1_000, 8, 25];
const settledAfterMs = 30_000;

/** Scores at 1,000 samples a second into an exporter whose VictoriaMetrics dies and stays away for so long. */
export async function victoriaAway(system: SmapSystem, bootstrap: string, seconds: number): Promise<Away> {
  const { topology, registry, victoria } = system;
  const stage = topology.stages.find(({ declaration }) => declaration.name === 'export');
  if (stage === undefined || victoria === undefined) throw new Error('nothing exports');
  const reading = openReading(bootstrap);
  const { kafkaName: topic, partitions } = stage.from;
  const schemas = await registerSchemas(topology, openRegistry({ url: registry, credentials: undefined }));
  const encoder = writerOf('scores', schemas.find((one) => one.topic === topic)?.id ?? 0);
  const writer = openIdempotentWriter(reading.cluster, { deadlineMs: 60_000 });
  const { entities } = topology;
  const start = Date.UTC(2026, 0, 1);
  const state = { rows: 0, over: false };
  /** As many of each entity as make up the rate, every 72 ms. */
  const feed = async (): Promise<void> => {
    const began = performance.now();
    while (!state.over) {
      const records = entities.map(({ satellite, name }) => ({
        key: `${satellite}/${name}`,
        timestamp: Date.now(),
        value: encoder.encode(scores(satellite, name, state.rows, start)),
      }));
      await writer.write(
        Array.from({ length: partitions }, (_, partition) => ({
          topic,
          partition,
          records: records.filter((__, at) => at % partitions === partition),
        })),
      );
      state.rows += samplesEach;
      await delay(began + (1000 * state.rows * entities.length) / perSecond - performance.now());
    }
  };
  const committed = async (): Promise<number> => {
    const offsets = Array.from({ length: partitions }, (_, partition) =>
      committedOffset(reading.cluster, stage.group, { topic, partition }),
    );
    return (await Promise.all(offsets)).reduce((sum, offset) => sum + Number(offset ?? 0n) * samplesEach, 0);
  };
  const exporter = system.start(['export']);
  const megabytes = (): number => {
    const pages = Number(readFileSync(`/proc/${exporter.child.pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 1e6;
  };
  const memory = { away: [Infinity, 0] as [number, number], afterwards: 0 };
  const feeding = feed();
  try {
    await eventually('it exports', async () => (await committed()) > 5 * perSecond, 30_000);
    // Until it is as large as it becomes by itself.
    await delay(15_000);
    await victoria.kill();
    const gone = performance.now();
    let isAway = true;
    const watching = setInterval(() => {
      const now = megabytes();
      const [least, most] = memory.away;
      if (!isAway) memory.afterwards = Math.max(memory.afterwards, now);
      else if (performance.now() - gone > settledAfterMs) memory.away = [Math.min(least, now), Math.max(most, now)];
    }, 500);
    await delay(seconds * 1000);
    isAway = false;
    const before = await committed();
    await victoria.start();
    // Its pause has grown to seconds by now: counted from the first that is written.
    await eventually('it writes again', async () => (await committed()) > before, 30_000);
    const [from, began] = [await committed(), performance.now()];
    const isDone = async () => (await committed()) > state.rows * entities.length - perSecond;
    await eventually('all is worked off', isDone, 30_000 + seconds * 200);
    const drained = ((await committed()) - from) / ((performance.now() - began) / 1000);
    state.over = true;
    await feeding;
    clearInterval(watching);
    const sent = state.rows * entities.length;
    await eventually('all is committed', async () => (await committed()) === sent, 30_000);
    const found = await exported(victoria.url, '{__name__="smap_anomaly_score"}');
    const points = [...found.values()].reduce((sum, series) => sum + series.length, 0);
    return { sent, found: points, drained, memory: memory.away, mostAfterwards: memory.afterwards };
  } finally {
    state.over = true;
    await feeding;
    await reading.close();
  }
}

function scores(satellite: string, entity: string, first: number, start: number): Records['scores'] {
  const samples = Array.from({ length: samplesEach }, (_, at) => first + at);
  const column = (scale: number) =>
    Float32Array.from({ length: samplesEach * sensors }, (_, at) => scale * Math.sin(first + at));
  return {
    satellite_id: satellite,
    entity,
    model: 'smap_fleet',
    model_version: '1',
    weights: 'w',
    indices: samples,
    timestamps: samples.map((sample) => start + 1000 * sample),
    values: column(1),
    normalised: column(0.5),
    reconstruction: column(0.25),
    score: Float32Array.from(samples, (sample) => Math.abs(Math.sin(sample))),
    threshold: 0.5,
    detected: samples.map(() => false),
    warming: samples.map(() => false),
    gap: samples.map(() => false),
  };
}
