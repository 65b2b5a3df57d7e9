import { alarmsOf, rowsIn } from './alarms.ts';
import type { Series, Span } from './series.ts';

/** What was right, what was alarmed without reason, what was not seen. */
export interface Tally {
  readonly found: number;
  readonly wrong: number;
  readonly missed: number;
}

/** What there is to count of one entity; of several it is the sum. */
export interface Count {
  readonly rows: number;
  readonly labels: number;
  readonly alarms: number;
  /** Rows in which an alarm stands. */
  readonly rowsInAlarm: number;
  /** As telemanom counts: labels that an alarm touches, alarms that touch no label, labels that none touches. */
  readonly events: Tally;
  /** Stricter: labels inside which an alarm begins, alarms that begin inside no label. Who always alarms has none of the first. */
  readonly onsets: Tally;
  /** Rows, flagged against labelled. */
  readonly points: Tally;
  /** Rows, where one flag in a stretch of labelled rows counts as a flag in all of them. It flatters: see README.md. */
  readonly adjusted: Tally;
  /** From the first row of each label to the first flag within it, where there is one. */
  readonly delays: readonly number[];
}

export function countOf({ rows, labels, flags }: Pick<Series, 'rows' | 'labels' | 'flags'>): Count {
  const alarms = alarmsOf(flags);
  const begins = (alarm: Span, label: Span): boolean => label.first <= alarm.first && alarm.first <= label.last;
  const delays = labels.map(({ first, last }) => flags.subarray(first, last + 1).findIndex((flag) => flag !== 0));
  return {
    rows,
    labels: labels.length,
    alarms: alarms.length,
    rowsInAlarm: rowsIn(alarms),
    events: eventsOf(labels, alarms),
    onsets: tallyOf(labels, alarms, begins),
    ...countRows(flags, labels),
    delays: delays.filter((delay) => delay >= 0),
  };
}

const touch = (one: Span, other: Span): boolean => one.first <= other.last && other.first <= one.last;

export const eventsOf = (labels: readonly Span[], alarms: readonly Span[]): Tally => tallyOf(labels, alarms, touch);

function tallyOf(
  labels: readonly Span[],
  alarms: readonly Span[],
  meets: (alarm: Span, label: Span) => boolean,
): Tally {
  const found = labels.filter((label) => alarms.some((alarm) => meets(alarm, label))).length;
  const wrong = alarms.filter((alarm) => !labels.some((label) => meets(alarm, label))).length;
  return { found, wrong, missed: labels.length - found };
}

function countRows(flags: Uint8Array, labels: readonly Span[]): Pick<Count, 'points' | 'adjusted'> {
  const labelled = new Uint8Array(flags.length);
  for (const { first, last } of labels) labelled.fill(1, first, last + 1);
  let [flagged, found, adjusted, all] = [0, 0, 0, 0];
  // Of the stretch of labelled rows that the row is in: how many came, how many of them were flagged.
  let [came, seen] = [0, 0];
  for (let row = 0; row < flags.length; row++) {
    const flag = flags[row] === 0 ? 0 : 1;
    flagged += flag;
    if (labelled[row] === 0) continue;
    came += 1;
    seen += flag;
    if (labelled[row + 1] === 1) continue;
    all += came;
    found += seen;
    if (seen > 0) adjusted += came;
    [came, seen] = [0, 0];
  }
  const wrong = flagged - found;
  return {
    points: { found, wrong, missed: all - found },
    adjusted: { found: adjusted, wrong, missed: all - adjusted },
  };
}
