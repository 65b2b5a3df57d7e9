import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry } from '../../avro/registry.ts';
import type { Topology } from '../../config/topology.ts';
import { keyOfEntity } from '../../config/entities-named.ts';
import { kafkaConfig } from '../../kafka/connection.ts';
import { openFetcher } from '../../kafka/reader/fetcher.ts';
import { kafkaAddressOf } from '../../pipeline/kafka-address.ts';
import { placesOf, rowsOf, type Quiet } from '../../pipeline/quiet-rows.ts';
import { trainDetector } from '../../pipeline/train-detector.ts';
import { choose, type Chosen } from '../../replay/choose.ts';
import { withFaults, type Fault } from '../../replay/faults.ts';
import { play } from '../../replay/play.ts';
import { keepProgress, progressIn, writeProgress, type Progress } from '../../replay/progress.ts';
import { readShapes } from '../../replay/shapes.ts';
import type { Source } from '../../replay/source.ts';
import { realClock } from '../../runner/clock.ts';
import { packageRoot } from '../package-root.ts';
import { openPublisher } from '../telemetry-publisher.ts';
import type { Reached } from './reached.ts';

/** Between two rows of an entity. */
const intervalMs = 500;
/** What each entity has behind it at the first start, so that detect knows what quiet is: as much as it looks back. */
const historyRows = 2_560;
/** An anomaly every minute, each time of another entity; the first comes after some seconds. */
const everyRows = 120;
const firstRow = historyRows + 16;
const rowsOfFault = 24;
/** The first takes the model's score over its limit, the second is what detect sees of the watched sensor. */
const kinds = ['commands', 'noise'] as const;

export interface DemoOptions extends Reached {
  readonly topology: Topology;
  /** Where it is written down how far it came. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Before the stages run for the first time: detect knows what quiet is, and finds nothing in it. */
export async function prepareDemo({ topology, environment, folder }: Omit<DemoOptions, 'signal'>): Promise<void> {
  const file = progressFile(folder, topology);
  const chosen = await quiet(topology);
  if (
    existsSync(file) ||
    !topology.stages.some(({ checkpoints, declaration }) => declaration.name === 'detect' && checkpoints)
  )
    return;
  const rows: Quiet = new Map();
  for (const { entity, source } of chosen) {
    const { values } = await source.read(0, historyRows);
    rows.set(
      keyOfEntity(entity),
      placesOf(topology, entity).map((place) => rowsOf(values, source.columns, place)),
    );
  }
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)) });
  try {
    await trainDetector({ fetcher, registry: openRegistry(environment.registry), topology, quiet: rows });
  } finally {
    await fetcher.close();
  }
  writeProgress(file, { replay: replayOf(topology, chosen), start: Date.now(), rows: {} });
}

const progressFile = (folder: string, { prefix, name }: Topology): string =>
  join(folder, 'demo', `${prefix}${name}.json`);
const replayOf = ({ name }: Topology, chosen: readonly Chosen[]): Progress['replay'] => ({
  demo: name,
  entities: chosen.map(({ entity }) => entity.name).join(','),
});

/** Telemetry that is made up: quiet, and an anomaly now and then. It goes on where it was the last time. */
export async function playDemo({ topology, environment, folder, signal }: DemoOptions): Promise<void> {
  const chosen = await quiet(topology);
  const file = progressFile(folder, topology);
  const replay = replayOf(topology, chosen);
  const before = progressIn(file, replay)?.rows ?? {};
  const played = chosen.map(({ entity: { satellite, name }, source }, at) => ({
    satellite,
    entity: name,
    source: withAnomalies(source, `${satellite}/${name}`, at, chosen.length),
    before: before[`${satellite}/${name}`] ?? 0,
  }));
  const first = Math.min(...played.map((one) => one.before));
  // The last row of the history is that of now; later, the first that was not sent.
  const now = Math.max(historyRows, first);
  const start = Date.now() - now * intervalMs;
  const keep = keepProgress(file, { replay, start });
  const publisher = await openPublisher(topology, environment);
  try {
    await play({
      played,
      start,
      intervalMs,
      speed: 1,
      behindMs: (now - first) * intervalMs,
      block: 1,
      clock: realClock,
      publish: publisher.publish,
      acknowledged: (rows) => keep(rows),
      signal,
    });
  } finally {
    keep.now();
    await publisher.close();
  }
}

/** With it the first hours are quiet but for what is put in. */
const seed = 16;
const shapes = join(packageRoot, 'topologies', 'smap.shapes.json');

/** Like the entities of SMAP, where all of the topology's are among them. */
async function quiet(topology: Topology): Promise<readonly Chosen[]> {
  const known = readShapes(shapes);
  const generate = topology.entities.every(({ name }) => known.has(name)) ? 'smap' : 'seasonal';
  const telemetry = { generate, seed, rows: Infinity, shapes };
  return (await choose({ topology, telemetry, names: [], faults: [] })).chosen;
}

/** Each of so many entities is struck in its turn. */
function withAnomalies(source: Source, entity: string, at: number, entities: number): Source {
  const period = everyRows * entities;
  const faultsIn = (from: number, to: number): readonly Fault[] => {
    const faults: Fault[] = [];
    const begin = firstRow + at * everyRows;
    for (let n = Math.max(0, Math.floor((from - begin) / period)); begin + n * period < to; n++) {
      const row = begin + n * period;
      for (const kind of kinds) faults.push({ kind, entity, row, rows: rowsOfFault, strength: 1 });
    }
    return faults;
  };
  return { ...source, read: (from, count) => withFaults(source, faultsIn(from, from + count)).read(from, count) };
}
