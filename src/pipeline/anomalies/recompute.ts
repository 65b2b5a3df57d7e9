import type { FleetEntity } from '../../contract/index.ts';
import { watch, type Watched } from '../../stages/detect/entity.ts';
import { observe, type Sight } from '../../stages/detect/observe.ts';
import type { Settings } from '../../stages/detect/settings.ts';
import type { ScoresAt } from './scores-between.ts';
import { keyOf, type Anomaly } from './told.ts';

export interface Recomputing {
  /** What was told of it first, with what the rules knew before. */
  readonly opened: Anomaly;
  /** And last. */
  readonly last: Anomaly;
  readonly entity: FleetEntity;
  /** Of the stage that watches. */
  readonly settings: Settings;
  readonly records: AsyncIterable<ScoresAt> | Iterable<ScoresAt>;
}

/** A row that somebody looked at while it was judged once more. */
export interface SeenRow {
  readonly index: number;
  readonly time: number;
  readonly sights: readonly Sight[];
}

export interface Recomputed {
  /** What is told of the anomaly that begins there, from opened on; empty where none does. */
  readonly told: readonly Anomaly[];
  /** Those around the recorded begin and peak. */
  readonly seen: readonly SeenRow[];
  readonly rows: number;
}

export interface Impossible {
  readonly cannot: string;
}

const around = 2;

/**
 * Judges the scores of an anomaly once more, with the stage's own rules and episodes. What begins is looked for from the
 * recorded first row on: what the rules knew is from before its record, and an earlier anomaly may end in the same one.
 */
export async function recompute({
  opened,
  last,
  entity,
  settings,
  records,
}: Recomputing): Promise<Recomputed | Impossible> {
  const key = keyOf(opened);
  if (opened.phase !== 'opened' || opened.state_before === null)
    return { cannot: 'the record that it was opened with, and what the rules knew before, are no longer in the topic' };
  const observer = observe(key, entity, settings, opened.state_before);
  if ('unfit' in observer) return { cannot: observer.unfit };
  const isNear = (index: number): boolean =>
    [opened.begin_index, last.peak_index].some((one) => Math.abs(index - one) <= around);

  let watched: Watched | undefined;
  let rows = 0;
  const told: Anomaly[] = [];
  const seen: SeenRow[] = [];
  for await (const { scores, offset } of records) {
    const place = `${opened.topic} ${opened.partition}:${offset}`;
    const width = scores.values.length / scores.indices.length;
    if (width !== entity.sensors.length)
      return {
        cannot: `${place} has ${width} sensors a row, and the topology has ${entity.sensors.length} for ${key}`,
      };
    for (const [sample, index] of scores.indices.entries()) {
      if (index === opened.begin_index) watched ??= watch(key, entity, settings, before(opened, observer.save()));
      const sights = observer.step(scores, sample, isNear(index));
      if (sights === undefined) continue;
      if (watched !== undefined) rows += 1;
      if (sights.length > 0) seen.push({ index, time: scores.timestamps[sample] ?? NaN, sights });
    }
    if (watched === undefined)
      return {
        cannot: `${place} does not hold row ${opened.begin_index} of ${key}: the topic is not the one that it was`,
      };
    const found = watched.take(scores, { topic: opened.topic, partition: opened.partition, offset });
    for (const { value } of found.told) told.push(value);
  }
  if (watched === undefined) return { cannot: `no record of ${key} is where its scores were` };
  return { told: firstOf(told), seen, rows };
}

/** The entity as it was watched just before its first row: nothing was open, and no row from there on was judged. */
const before = ({ satellite_id, entity, begin_index }: Anomaly, state: Buffer) => ({
  satellite_id,
  entity,
  last_index: begin_index - 1,
  state,
  open: null,
});

/** Behind its end another one may begin in the same record. */
function firstOf(told: readonly Anomaly[]): readonly Anomaly[] {
  const end = told.findIndex(({ phase }) => phase === 'closed');
  return end === -1 ? told : told.slice(0, end + 1);
}
