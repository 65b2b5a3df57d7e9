import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity, Topology } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import { keyOf } from '../anomalies/told.ts';
import { placesOf } from '../quiet-rows.ts';
import { openJudged, type FlaggedBy, type Judged, type JudgedEntity, type Window } from './judged-entity.ts';
import type { Labels } from './labels.ts';

export interface CollectionOptions {
  readonly topology: Topology;
  readonly entities: readonly Entity[];
  readonly flaggedBy: FlaggedBy;
  readonly window: Window;
  readonly labels: Labels;
}

/** What the records of a running system come to, as far as they were taken. */
export interface Collection {
  takeScores(scores: Records['scores']): void;
  takeAnomaly(anomaly: Records['anomaly']): void;
  /** Records so far: while they are as many, all else is as it was. */
  taken(): number;
  series(): readonly Judged[];
  /** A sentence for each entity that is not judged, and why. */
  leftOut(): readonly string[];
}

export function openCollection({ topology, entities, flaggedBy, window, labels }: CollectionOptions): Collection {
  const byKey = new Map(
    entities.map((entity): [string, JudgedEntity] => {
      const [key, place = 0] = [keyOfEntity(entity), placesOf(topology, entity)[0]];
      return [key, openJudged({ key, width: entity.sensors.length, place, flaggedBy, window })];
    }),
  );
  let taken = 0;
  const each = () =>
    entities.map((entity) => {
      const key = keyOfEntity(entity);
      const known = labels.of(entity);
      return { key, isLabelled: known !== undefined, series: byKey.get(key)?.series(known ?? []) };
    });
  return {
    takeScores: (scores) => {
      taken += 1;
      byKey.get(keyOf(scores))?.takeScores(scores);
    },
    takeAnomaly: (anomaly) => {
      taken += 1;
      byKey.get(keyOf(anomaly))?.takeAnomaly(anomaly);
    },
    taken: () => taken,
    // Where nobody knows what is anomalous, no alarm is right or wrong.
    series: () => each().flatMap(({ isLabelled, series }) => (isLabelled && series !== undefined ? [series] : [])),
    leftOut: () =>
      each().flatMap(({ key, isLabelled, series }) => {
        if (series === undefined) return [`${key} is left out: it has no scores in that time`];
        return isLabelled ? [] : [`${key} is left out: it has no labels`];
      }),
  };
}
