import type { FleetEntity, Records, Sent } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { openDetector, type Detector, type Finding } from './detector.ts';
import { begun, closesAfter, goOn, toldOf, severityOf, type Alarmed, type Episode, type Phase } from './episode.ts';
import { rowOf } from './row-of.ts';
import { settingsFor, type EntitySettings, type Settings } from './settings.ts';
import { sharesOf } from './shares.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];
type DetectorState = Records['detector-state'];

/** Where a record of scores lies. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A sample that is not judged. */
export interface Refusal {
  readonly sample: number;
  readonly code: 'sample-late' | 'telemetry-invalid';
  readonly detail: string;
}

/** What watches one entity. */
export interface Watched {
  /** The samples of a record, one after the other. */
  take(scores: Scores, place: Place): { readonly told: readonly Sent<Anomaly>[]; readonly refused: readonly Refusal[] };
  checkpoint(): DetectorState;
}

/** What is told of an episode with a row. */
interface Telling {
  readonly phase: Phase;
  readonly severity: number;
  readonly time: number;
  readonly place: Place;
  /** What the rules knew before. */
  readonly before: Buffer | null;
}

/** Of each rule a letter, in the order of the facts: the id says what watched. */
const letters = { 'too-busy': 'R', 'too-quiet': 'Q', 'unusual-shape': 'D', 'model-error': 'G' } as const;

export const idOf = (key: string, { rules }: Pick<EntitySettings, 'rules'>, index: number): string =>
  `${key}:${rules.map((rule) => letters[rule]).join('')}:${index}`;

export function watch(key: string, entity: FleetEntity, all: Settings, restored: DetectorState | undefined): Watched {
  const settings = settingsFor(all, key);
  const places = settings.sensors.map((sensor) => placeOf(sensor, entity, key));
  const detector: Detector = openDetector(settings);
  let last = restored?.last_index ?? -1;
  let episode: Episode | undefined;
  if (restored !== undefined) {
    detector.restore(restored.state);
    episode = restored.open === null ? undefined : { ...restored.open };
  }
  const { satellite, name, sensors } = entity;

  const told = (of: Episode, { phase, severity, time, place, before }: Telling): Sent<Anomaly> => {
    const { topic, partition, offset } = place;
    const where = { topic, partition, last_offset: offset, state_before: before };
    const now = { satellite_id: satellite, entity: name, phase, severity, told_time: time };
    return { key, value: { ...toldOf(of, phase, time), ...where, ...now } };
  };

  const take: Watched['take'] = (scores, place) => {
    // An anomaly that begins here says what was known before this record: it is not known yet whether one will.
    const mayBegin = episode === undefined || episode.quiet + scores.indices.length >= closesAfter;
    const before = mayBegin ? detector.save() : undefined;
    const send: Sent<Anomaly>[] = [];
    const refused: Refusal[] = [];
    for (const [sample, index] of scores.indices.entries()) {
      if (index <= last) {
        refused.push({ sample, code: 'sample-late', detail: `${key}: ${index} comes after ${last} was judged` });
        continue;
      }
      const row = rowOf(scores, sample, places, sensors.length);
      const bad = row.findIndex(({ value, error }) => !Number.isFinite(value) || !Number.isFinite(error));
      if (bad !== -1) {
        const detail = `${key}: ${settings.sensors[bad] ?? ''} or the model's error of it is no finite number`;
        refused.push({ sample, code: 'telemetry-invalid', detail });
        continue;
      }
      last = index;
      const findings = detector.judge(row);
      if (findings.length === 0 && episode === undefined) continue;
      const now = { severity: severityOf(findings), time: scores.timestamps[sample] ?? 0, place };
      const alarmed = findings.length === 0 ? undefined : alarmedBy(scores, sample, findings, sensors);
      if (episode === undefined) {
        if (alarmed === undefined) continue;
        const { model, model_version, weights } = scores;
        const id = idOf(key, settings, index);
        episode = begun({ id, model, model_version, weights, first_offset: place.offset }, alarmed);
        send.push(told(episode, { phase: 'opened', ...now, before: before ?? null }));
        continue;
      }
      const phase = goOn(episode, alarmed);
      if (phase !== undefined) send.push(told(episode, { phase, ...now, before: null }));
      if (phase === 'closed') episode = undefined;
    }
    return { told: send, refused };
  };
  return {
    take,
    checkpoint: () => ({
      satellite_id: satellite,
      entity: name,
      last_index: last,
      state: detector.save(),
      open: episode === undefined ? null : { ...episode },
    }),
  };
}

const alarmedBy = (
  scores: Scores,
  sample: number,
  findings: readonly Finding[],
  sensors: readonly string[],
): Alarmed => ({
  index: scores.indices[sample] ?? 0,
  time: scores.timestamps[sample] ?? 0,
  findings,
  shares: () => sharesOf(scores, sample, sensors),
});

function placeOf(sensor: string, { sensors }: FleetEntity, key: string): number {
  const place = sensors.indexOf(sensor);
  if (place !== -1) return place;
  const detail = `stages.detect.settings: ${key} has no sensor ${sensor}; it has ${sensors.join(', ')}`;
  throw new DownlinkError('config-invalid', detail);
}
