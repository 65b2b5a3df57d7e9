import type { Records } from '../../contract/index.ts';
import type { Finding } from './detector.ts';

type Open = NonNullable<Records['detector-state']['open']>;
type Severities = Open['severities'];
export type Phase = Records['anomaly']['phase'];

/** The rows of one entity that belong together because rules alarmed. */
export type Episode = { -readonly [K in keyof Open]: Open[K] };

/** What an anomaly keeps of the row in which something alarmed. */
export interface Alarmed {
  readonly index: number;
  readonly time: number;
  readonly findings: readonly Finding[];
  /** Asked for where the row is the worst so far. */
  readonly shares: () => Open['sensors'];
}

/** What stays as it was when it began. */
export type Origin = Pick<Open, 'id' | 'model' | 'model_version' | 'weights' | 'first_offset'>;

/** Rows without an alarm. */
export const closesAfter = 100;
const toldEvery = 100;

/** What an anomaly says of it with a row of that time; the rest is for whoever goes on with it. */
export function toldOf(episode: Episode, phase: Phase, time: number): Omit<Open, 'quiet' | 'untold' | 'news'> {
  const said: Partial<Episode> = { ...episode };
  delete said.quiet;
  delete said.untold;
  delete said.news;
  // It closes when nothing has alarmed for so long that all that did was told.
  const since = phase === 'closed' ? [] : episode.severities;
  said.severities = episode.rules.map((rule) => since.find((one) => one.rule === rule) ?? { rule, severity: 0, time });
  return said as Omit<Open, 'quiet' | 'untold' | 'news'>;
}

export const severityOf = (findings: readonly Finding[]): number =>
  findings.reduce((most, { alarm }) => Math.max(most, alarm.severity), 0);

export function begun(origin: Origin, first: Alarmed): Episode {
  const episode: Episode = {
    ...origin,
    begin_index: first.index,
    begin_time: first.time,
    end_index: first.index,
    end_time: first.time,
    rules: [],
    peak_severity: 0,
    peak_index: first.index,
    peak_time: first.time,
    sentence: '',
    sensors: [],
    severities: [],
    quiet: 0,
    untold: 0,
    news: false,
  };
  take(episode, first);
  episode.news = false;
  return episode;
}

/** A row more. Answers whether, and as what, it is to be told of. */
export function goOn(episode: Episode, alarmed: Alarmed | undefined): Phase | undefined {
  episode.untold += 1;
  episode.quiet += 1;
  if (alarmed !== undefined) take(episode, alarmed);
  if (episode.quiet >= closesAfter) return 'closed';
  if (!episode.news || episode.untold < toldEvery) return undefined;
  episode.untold = 0;
  episode.news = false;
  return 'updated';
}

function take(episode: Episode, { index, time, findings, shares }: Alarmed): void {
  episode.end_index = index;
  episode.end_time = time;
  episode.quiet = 0;
  // What was told of stays until there is more to tell.
  episode.severities = largestOf(episode.news ? episode.severities : [], findings, time);
  episode.news = true;
  const more = findings.map(({ rule }) => rule).filter((rule) => !episode.rules.includes(rule));
  if (more.length > 0) episode.rules = [...new Set([...episode.rules, ...more])];
  for (const finding of findings) {
    if (finding.alarm.severity <= episode.peak_severity) continue;
    if (episode.peak_index !== index || episode.sensors.length === 0) episode.sensors = shares();
    episode.peak_severity = finding.alarm.severity;
    episode.peak_index = index;
    episode.peak_time = time;
    episode.sentence = finding.sentence();
  }
}

/** Of each rule the largest, and when that was. */
function largestOf(known: Severities, findings: readonly Finding[], time: number): Severities {
  const all = new Map(known.map((one) => [one.rule, one]));
  for (const { rule, alarm } of findings) {
    const { severity } = alarm;
    if (severity > (all.get(rule)?.severity ?? 0)) all.set(rule, { rule, severity, time });
  }
  return [...all.values()];
}
