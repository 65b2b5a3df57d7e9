import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import type { Place } from '../../stages/detect/entity.ts';
import type { Settings } from '../../stages/detect/settings.ts';
import { keyOf, type Anomaly } from '../anomalies/told.ts';
import type { Label } from '../judged/label-runs.ts';
import { openReplay, type Replay } from './replay.ts';

type Scores = Records['scores'];
type DetectorState = Records['detector-state'];

export interface PlanOptions {
  readonly entities: readonly Entity[];
  readonly before: Settings;
  readonly after: Settings;
  /** When the samples were measured: alarms and labels that begin before are not told of. */
  readonly from: number;
  /** Checkpoints of each entity, by its key. */
  readonly states: ReadonlyMap<string, readonly DetectorState[]>;
}

/** One entity under the settings that it has and those that it would have. */
export interface EntityPlan {
  readonly entity: Entity;
  readonly before: readonly Anomaly[];
  readonly after: readonly Anomaly[];
  /** From the first row of the window to the last that was scored; undefined where none was. */
  readonly rows: { readonly first: number; readonly last: number } | undefined;
  /** The row that it was judged from, and whether it went on from a checkpoint: if not, the rules began with nothing. */
  readonly begin: { readonly row: number; readonly restored: boolean } | undefined;
}

export interface Planning {
  take(scores: Scores, place: Place): void;
  entities(): readonly EntityPlan[];
}

interface Both {
  readonly before: Replay;
  readonly after: Replay;
  readonly begin: { readonly row: number; readonly restored: boolean };
  rows: { readonly first: number; readonly last: number } | undefined;
}

/**
 * Judges stored scores twice, from the first that is still there. Both begin alike: with the newest checkpoint from before
 * that row, as the stage would; where there is none, with nothing, and they settle.
 */
export function openPlanning({ entities, before, after, from, states }: PlanOptions): Planning {
  const byKey = new Map(entities.map((entity) => [keyOfEntity(entity), entity]));
  const both = new Map<string, Both>();

  const begin = (key: string, entity: Entity, row: number): Both => {
    const restored = (states.get(key) ?? []).filter(({ last_index }) => last_index < row).at(-1);
    const begun: Both = {
      before: openReplay(entity, before, restored),
      after: openReplay(entity, after, restored),
      begin: { row, restored: restored !== undefined },
      rows: undefined,
    };
    both.set(key, begun);
    return begun;
  };
  return {
    take: (scores, place) => {
      const key = keyOf(scores);
      const [entity, first] = [byKey.get(key), scores.indices[0]];
      if (entity === undefined || first === undefined) return;
      const one = both.get(key) ?? begin(key, entity, first);
      one.before.take(scores, place);
      one.after.take(scores, place);
      for (const [at, index] of scores.indices.entries()) {
        if ((scores.timestamps[at] ?? NaN) < from) continue;
        one.rows = { first: Math.min(one.rows?.first ?? index, index), last: Math.max(one.rows?.last ?? index, index) };
      }
    },
    entities: () =>
      entities.map((entity) => {
        const one = both.get(keyOfEntity(entity));
        const within = (all: readonly Anomaly[] = []) => all.filter(({ begin_time }) => begin_time >= from);
        return {
          entity,
          before: within(one?.before.found()),
          after: within(one?.after.found()),
          rows: one?.rows,
          begin: one?.begin,
        };
      }),
  };
}

/** Those that begin within the rows of a plan. */
export const labelsWithin = (labels: readonly Label[], { rows }: EntityPlan): readonly Label[] =>
  labels.filter(({ first }) => rows !== undefined && first >= rows.first && first <= rows.last);

/** The first label that an alarm touches. */
export const labelHit = (labels: readonly Label[], { begin_index, end_index }: Anomaly): Label | undefined =>
  labels.find(({ first, last }) => first <= end_index && begin_index <= last);
