import type { Count, Tally } from './count.ts';

/** Null where there is nothing to divide by: without labels there is no recall, without alarms no precision. */
export interface Rates extends Tally {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** A false alarm weighs more than a miss. */
  readonly fHalf: number | null;
}

/** What is said of a detector on one entity, or on all. */
export interface Figures {
  readonly rows: number;
  readonly labels: number;
  readonly alarms: number;
  readonly rowsInAlarm: number;
  /** The share of the time in which an alarm stands. */
  readonly timeInAlarm: number | null;
  readonly falseAlarmsPer100k: number | null;
  readonly events: Rates;
  readonly onsets: Rates;
  readonly points: Rates;
  readonly adjusted: Rates;
  /** In rows. */
  readonly delay: { readonly p50: number | null; readonly p90: number | null };
}

export function figuresOf({ rows, labels, alarms, rowsInAlarm, delays, ...count }: Count): Figures {
  return {
    rows,
    labels,
    alarms,
    rowsInAlarm,
    timeInAlarm: ratio(rowsInAlarm, rows),
    falseAlarmsPer100k: ratio(100_000 * count.events.wrong, rows),
    events: ratesOf(count.events),
    onsets: ratesOf(count.onsets),
    points: ratesOf(count.points),
    adjusted: ratesOf(count.adjusted),
    delay: { p50: percentile(delays, 0.5), p90: percentile(delays, 0.9) },
  };
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function ratesOf({ found, wrong, missed }: Tally): Rates {
  const fScore = (beta: number): number | null => {
    const weighed = (1 + beta ** 2) * found;
    return ratio(weighed, weighed + beta ** 2 * missed + wrong);
  };
  return {
    found,
    wrong,
    missed,
    precision: ratio(found, found + wrong),
    recall: ratio(found, found + missed),
    f1: fScore(1),
    fHalf: fScore(0.5),
  };
}

/** Between the two nearest where it falls between. */
function percentile(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below === undefined || above === undefined ? null : below + (at % 1) * (above - below);
}
