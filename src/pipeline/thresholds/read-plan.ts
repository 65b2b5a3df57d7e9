import { readerOf } from '../../avro/own-types.ts';
import type { Registry } from '../../avro/registry.ts';
import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity, Topology } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { decoded, type Note } from '../anomalies/decoded.ts';
import { newest } from '../anomalies/newest.ts';
import { readAnomalies } from '../anomalies/read-anomalies.ts';
import { keyOf, type Anomaly } from '../anomalies/told.ts';
import { labelFeeds, readFeeds, type Feed } from '../judged/feeds.ts';
import type { Label } from '../judged/label-runs.ts';
import type { Labels } from '../judged/labels.ts';
import { detectIn } from '../train-detector.ts';
import { labelsWithin, openPlanning, type EntityPlan } from './plan.ts';

export interface ReadPlanOptions {
  readonly fetcher: Fetcher;
  readonly registry: Registry;
  readonly topology: Topology;
  /** As it would be. */
  readonly changed: Topology;
  readonly entities: readonly Entity[];
  readonly from: number;
  readonly labels: Labels;
  readonly note: Note;
}

/** An entity, with what is known of it from elsewhere. */
export interface LabelledPlan extends EntityPlan {
  /** Those that begin in the window; undefined where nothing is known. */
  readonly labels: readonly Label[] | undefined;
  /** Of the anomalies that were told in that time, how many come out again under the settings as they are. */
  readonly told: { readonly all: number; readonly again: number };
}

/** Reads what Kafka still holds, and changes nothing. */
export async function readPlan(options: ReadPlanOptions): Promise<readonly LabelledPlan[]> {
  const { fetcher, registry, topology, changed, entities, from, labels, note } = options;
  const { from: scores, checkpoints, settings } = detectIn(topology);
  const states = new Map<string, Records['detector-state'][]>();
  const addState = feed(registry, 'detector-state', note, (state) => {
    const key = keyOf(state);
    states.set(key, [...(states.get(key) ?? []), state]);
  });
  const takeState: Feed['take'] = async (record, place) => {
    // It was reset: what was known before, nobody went on from.
    if (record.value === null) states.delete(record.keyText() ?? '');
    else await addState(record, place);
  };
  // The telemetry of a topology without ingest is labelled by a file, or not at all.
  const canBeLabelled = labels.take === undefined || topology.stages.some((one) => one.declaration.name === 'ingest');
  const ofLabels = canBeLabelled ? labelFeeds(topology, registry, labels, note) : [];
  await readFeeds(fetcher, [...ofLabels, { topic: checkpoints?.kafkaName ?? '', take: takeState }]);

  const planning = openPlanning({ entities, before: settings, after: detectIn(changed).settings, from, states });
  const takeScores = feed(registry, 'scores', note, (value, place) => planning.take(value, place));
  await readFeeds(fetcher, [{ topic: scores.kafkaName, take: takeScores }]);

  const reader = readerOf(registry, ['anomaly']);
  const filter = { entities: entities.map(keyOfEntity), open: undefined, since: undefined };
  const all = await newest(readAnomalies({ topology, fetcher, reader, note }), filter);
  return planning.entities().map((plan) => {
    const known = labels.of(plan.entity);
    return { ...plan, labels: known && labelsWithin(known, plan), told: toldAgain(plan, all, from) };
  });
}

function toldAgain({ entity, before, begin }: EntityPlan, all: readonly Anomaly[], from: number) {
  const ids = new Set(before.map(({ id }) => id));
  const own = all.filter(
    (one) =>
      keyOf(one) === keyOfEntity(entity) && one.begin_time >= from && one.begin_index >= (begin?.row ?? Infinity),
  );
  return { all: own.length, again: own.filter(({ id }) => ids.has(id)).length };
}

function feed<N extends 'scores' | 'detector-state'>(
  registry: Registry,
  name: N,
  note: Note,
  take: (value: Records[N], place: Parameters<Feed['take']>[1] & { readonly offset: number }) => void,
): Feed['take'] {
  const reader = readerOf(registry, [name]);
  return async (record, place) => {
    const value = await decoded(reader, record, place, note);
    if (value !== undefined) take(value, { ...place, offset: Number(record.offset) });
  };
}
