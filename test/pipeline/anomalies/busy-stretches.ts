import type { FleetEntity, Outcome, Records } from '../../../src/contract/index.ts';
import type { ScoresAt } from '../../../src/pipeline/anomalies/scores-between.ts';
import type { Anomaly } from '../../../src/pipeline/anomalies/told.ts';
import type { Settings } from '../../../src/stages/detect/settings.ts';
import { openDetect } from '../../../src/stages/detect/stage.ts';
import { noPorts } from '../../support/no-ports.ts';
import { seeded } from '../../support/random.ts';
import { defaults } from '../../stages/detect/watched-channel.ts';

export const key = 'S/A-1';
export const entity: FleetEntity = {
  satellite: 'S',
  name: 'A-1',
  sensors: ['bit', 'level'],
  model: 'm',
  threshold: undefined,
};
export const settings: Settings = { ...defaults, sensors: ['level'], entities: {} };

/** Calm noise, but for stretches of 60 rows that are ten times as busy. */
export function levels(rows: number, ...busy: readonly number[]): number[] {
  const random = seeded(7);
  const isBusy = (row: number): boolean => busy.some((first) => row >= first && row < first + 60);
  return Array.from({ length: rows }, (_, row) => (random() - 0.5) * (isBusy(row) ? 0.5 : 0.05));
}

const scoresOf = (first: number, own: readonly number[]): Records['scores'] => ({
  satellite_id: 'S',
  entity: 'A-1',
  model: 'm',
  model_version: '1',
  weights: 'w',
  indices: own.map((_, at) => first + at),
  timestamps: own.map((_, at) => 1_000 * (first + at)),
  values: Float32Array.from(own.flatMap((level) => [0, level])),
  normalised: Float32Array.from(own.flatMap((level) => [0, level])),
  reconstruction: Float32Array.from(own.flatMap((level) => [0.1, level + 0.3])),
  score: new Float32Array(own.length),
  threshold: 1,
  detected: own.map(() => false),
  warming: own.map(() => false),
  gap: own.map(() => false),
});

/** In records of `size` samples. */
export const inRecords = (own: readonly number[], size: number): ScoresAt[] =>
  Array.from({ length: Math.ceil(own.length / size) }, (_, offset) => ({
    offset,
    scores: scoresOf(offset * size, own.slice(offset * size, (offset + 1) * size)),
  }));

/** What the stage tells of them, by the anomaly. */
export function toldOf(records: readonly ScoresAt[]): readonly (readonly [Anomaly, ...Anomaly[]])[] {
  const fleet = new Map([[key, entity]]);
  const lane = { settings, partition: 3, partitions: 4, opening: 'o', source: 'scores', fleet, ports: noPorts };
  const incoming = records.map(({ offset, scores: value }) => ({ key, value, offset: BigInt(offset), timestamp: 0 }));
  const done = openDetect({ ...lane, restored: new Map() }).process(
    { records: incoming, behind: 0n },
    new AbortController().signal,
  ) as Outcome<Anomaly, unknown>;
  const all = done.send.map(({ value }) => value);
  return all
    .filter(({ phase }) => phase === 'opened')
    .map((opened) => [opened, ...all.filter(({ id, phase }) => id === opened.id && phase !== 'opened')]);
}
