import type { Topology } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import { samplesIn } from '../../pipeline/tail/samples-in.ts';
import type { Happening, PartName } from './part.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];

/** The largest score of a second, and whether it counted as detected. */
export interface Mark {
  readonly second: number;
  score: number;
  detected: boolean;
}

export interface EntityView {
  readonly satellite: string;
  readonly name: string;
  /** The newest last; seconds in which nothing came are not there. */
  readonly marks: Mark[];
  threshold: number;
  score: number;
  warming: boolean;
  detected: boolean;
  /** When the newest sample was measured; NaN before the first. */
  measured: number;
  /** When it was seen here. */
  seen: number;
  samples: number;
  /** How often samples came, a second. */
  rate: number;
  /** The anomaly that is open. */
  anomaly: string | undefined;
}

export interface PartView {
  readonly name: PartName;
  state: 'starting' | 'running' | 'dead' | 'given up';
  pid: number;
  /** Where it serves. */
  addresses: readonly string[];
}

/** Something that a person should know of. */
export interface Trouble {
  readonly at: number;
  readonly part: string;
  readonly text: string;
  readonly bad: boolean;
  /** What says the same again. */
  readonly key?: string;
}

/** All that the screen shows. */
export interface View {
  readonly topology: string;
  readonly entities: ReadonlyMap<string, EntityView>;
  /** By id, the one that was heard of last at the end. */
  readonly anomalies: Map<string, Anomaly>;
  readonly parts: Map<PartName, PartView>;
  /** Programs that are not started here, with where they are. */
  readonly elsewhere: readonly string[];
  readonly troubles: Trouble[];
  readonly began: number;
}

const keptMarks = 240;
const keptAnomalies = 50;
const keptTroubles = 50;
const sameMs = 60_000;

export function openView(topology: Topology, now: number, elsewhere: readonly string[] = []): View {
  const entities = topology.entities.map(({ satellite, name }): [string, EntityView] => {
    const none = { score: NaN, threshold: NaN, warming: false, detected: false, measured: NaN, seen: NaN };
    return [`${satellite}/${name}`, { satellite, name, marks: [], ...none, samples: 0, rate: 0, anomaly: undefined }];
  });
  return {
    topology: topology.name,
    entities: new Map(entities),
    anomalies: new Map(),
    parts: new Map(),
    elsewhere,
    troubles: [],
    began: now,
  };
}

/** Scores as they come. Of what the fleet does not have nothing is shown. */
export function sawScores(view: View, scores: Scores, now: number): void {
  const entity = view.entities.get(`${scores.satellite_id}/${scores.entity}`);
  if (entity === undefined) return;
  const second = Math.floor(now / 1_000);
  for (const { score, detected, warming, timestamp } of samplesIn(scores, [])) {
    let mark = entity.marks.at(-1);
    if (mark?.second !== second) {
      mark = { second, score, detected };
      entity.marks.push(mark);
      if (entity.marks.length > keptMarks) entity.marks.shift();
    }
    mark.score = Math.max(mark.score, score);
    mark.detected ||= detected;
    Object.assign(entity, { score, detected, warming, measured: timestamp });
  }
  entity.threshold = scores.threshold;
  entity.seen = now;
  entity.samples += scores.indices.length;
}

export function sawAnomaly(view: View, anomaly: Anomaly): void {
  const entity = view.entities.get(`${anomaly.satellite_id}/${anomaly.entity}`);
  if (entity !== undefined) {
    if (anomaly.phase !== 'closed') entity.anomaly = anomaly.id;
    else if (entity.anomaly === anomaly.id) entity.anomaly = undefined;
  }
  view.anomalies.delete(anomaly.id);
  view.anomalies.set(anomaly.id, anomaly);
  const [oldest] = view.anomalies.keys();
  if (view.anomalies.size > keptAnomalies && oldest !== undefined) view.anomalies.delete(oldest);
}

export function heard(view: View, happening: Happening, now: number): void {
  const { part: name } = happening;
  if (happening.is === 'saying') return;
  const before = view.parts.get(name);
  const part: PartView = before ?? { name, state: 'starting', pid: 0, addresses: [] };
  view.parts.set(name, part);
  switch (happening.is) {
    case 'starting':
      part.state = 'starting';
      break;
    case 'running':
      if (part.pid !== 0) trouble(view, { at: now, part: name, text: 'runs again', bad: false });
      Object.assign(part, { state: 'running', pid: happening.pid, addresses: Object.values(happening.addresses) });
      break;
    case 'dead': {
      const text = `died (${happening.how}); it is started again in ${(happening.restartMs / 1_000).toFixed(1)} s`;
      part.state = 'dead';
      trouble(view, { at: now, part: name, text, bad: true });
      break;
    }
    case 'given up':
      part.state = 'given up';
      trouble(view, { at: now, part: name, text: 'cannot run', bad: true });
  }
}

/** Answers whether it is news: of many lanes that say the same only the newest stays. */
export function trouble({ troubles }: View, one: Trouble): boolean {
  const same =
    one.key === undefined ? -1 : troubles.findIndex(({ key, at }) => key === one.key && one.at - at < sameMs);
  if (same !== -1) troubles.splice(same, 1);
  troubles.push(one);
  if (troubles.length > keptTroubles) troubles.shift();
  return same === -1;
}

/** How often samples came, since this was asked last. */
export function openRates(view: View): (now: number) => void {
  let last: { readonly at: number; readonly samples: ReadonlyMap<string, number> } | undefined;
  return (now) => {
    if (last !== undefined && now - last.at < 2_000) return;
    for (const [key, entity] of view.entities) {
      const before = last?.samples.get(key) ?? 0;
      if (last !== undefined) entity.rate = ((entity.samples - before) * 1_000) / (now - last.at);
    }
    last = { at: now, samples: new Map([...view.entities].map(([key, { samples }]) => [key, samples])) };
  };
}
