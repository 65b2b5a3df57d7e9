import type { Records } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import type { Label } from './label-runs.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];

/** What counts as flagged: rows of anomalies, or scores above a number or above the threshold that they came with. */
export type FlaggedBy = 'anomalies' | { readonly scoreAbove: number | 'threshold' };

/** When samples were measured, in milliseconds since 1970. */
export interface Window {
  readonly from: number;
  /** Excluded. */
  readonly until: number;
}

export interface JudgedOptions {
  /** As records are keyed. */
  readonly key: string;
  /** How many sensors it has, and the place of the one that pictures show. */
  readonly width: number;
  readonly place: number;
  readonly flaggedBy: FlaggedBy;
  readonly window: Window;
}

/** One entity as the evaluation judges it: row 0 is the first that was scored within the window. */
export interface Judged {
  readonly entity: string;
  readonly rows: number;
  readonly labels: readonly Label[];
  readonly flags: Uint8Array;
  readonly telemetry: Float32Array;
  readonly severity: Float64Array;
}

export interface JudgedEntity {
  takeScores(scores: Scores): void;
  takeAnomaly(anomaly: Anomaly): void;
  /** With the labels that touch what was scored; undefined before anything was. */
  series(labels: readonly Label[]): Judged | undefined;
}

/** A number gone wrong at the source would ask for all memory that there is. */
const mostRows = 50_000_000;

export function openJudged({ key, width, place, flaggedBy, window }: JudgedOptions): JudgedEntity {
  // As they came: a stage that was put back has scored some twice, and the last one counts.
  const [indices, levels, severities]: [number[], number[], number[]] = [[], [], []];
  const anomalies = new Map<string, Pick<Anomaly, 'begin_index' | 'end_index' | 'peak_severity'>>();
  let [first, last] = [Infinity, -Infinity];

  return {
    takeScores: (scores) => {
      for (const [sample, index] of scores.indices.entries()) {
        const time = scores.timestamps[sample] ?? NaN;
        if (!(time >= window.from && time < window.until)) continue;
        [first, last] = [Math.min(first, index), Math.max(last, index)];
        indices.push(index);
        levels.push(scores.values[sample * width + place] ?? NaN);
        severities.push(flaggedBy === 'anomalies' ? 0 : severityOf(scores, sample, flaggedBy.scoreAbove));
      }
    },
    takeAnomaly: ({ id, begin_index, end_index, peak_severity }) => {
      anomalies.set(id, { begin_index, end_index, peak_severity });
    },
    series: (labels) => {
      if (indices.length === 0) return undefined;
      const rows = last - first + 1;
      if (rows > mostRows) throw unusable(key, first, last);
      const [flags, severity] = [new Uint8Array(rows), new Float64Array(rows)];
      const telemetry = new Float32Array(rows).fill(NaN);
      for (const [at, index] of indices.entries()) {
        const row = index - first;
        const severe = severities[at] ?? 0;
        telemetry[row] = levels[at] ?? NaN;
        flags[row] = severe > 0 ? 1 : 0;
        severity[row] = severe;
      }
      for (const { begin_index, end_index, peak_severity } of anomalies.values()) {
        const [from, to] = [Math.max(begin_index, first) - first, Math.min(end_index, last) - first + 1];
        if (from >= to) continue;
        // Which of its rows were flagged nobody told: all of them stand in the alarm, and so they count.
        flags.fill(1, from, to);
        severity.fill(peak_severity, from, to);
      }
      const own = labels
        .filter((label) => label.first <= last && label.last >= first)
        .map((label) => ({
          ...label,
          first: Math.max(label.first, first) - first,
          last: Math.min(label.last, last) - first,
        }));
      return { entity: key, rows, labels: own, flags, telemetry, severity };
    },
  };
}

/** 1 where it is flagged just so; 0 where it is not. What still warms up lacks the history that its score needs. */
function severityOf(scores: Scores, sample: number, scoreAbove: number | 'threshold'): number {
  const [score, limit] = [scores.score[sample] ?? NaN, scoreAbove === 'threshold' ? scores.threshold : scoreAbove];
  const isFlagged = scoreAbove === 'threshold' ? scores.detected[sample] : score > limit && !scores.warming[sample];
  if (isFlagged !== true) return 0;
  return limit > 0 ? score / limit : 1;
}

const unusable = (key: string, first: number, last: number) =>
  new DownlinkError(
    'telemetry-unusable',
    `${key} has scores from row ${first} to ${last}, which are too many to judge at once; choose some with --from and --until`,
  );
