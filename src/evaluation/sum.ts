import type { Count, Tally } from './count.ts';

export const sumOfTallies = (tallies: readonly Tally[]): Tally => ({
  found: tallies.reduce((all, { found }) => all + found, 0),
  wrong: tallies.reduce((all, { wrong }) => all + wrong, 0),
  missed: tallies.reduce((all, { missed }) => all + missed, 0),
});

/** All together, each label and each alarm of the same weight, in whichever entity it is. */
export function sumOf(counts: readonly Count[]): Count {
  const sum = (number: (count: Count) => number): number => counts.reduce((all, count) => all + number(count), 0);
  const tally = (of: (count: Count) => Tally): Tally => sumOfTallies(counts.map(of));
  return {
    rows: sum(({ rows }) => rows),
    labels: sum(({ labels }) => labels),
    alarms: sum(({ alarms }) => alarms),
    rowsInAlarm: sum(({ rowsInAlarm }) => rowsInAlarm),
    events: tally(({ events }) => events),
    onsets: tally(({ onsets }) => onsets),
    points: tally(({ points }) => points),
    adjusted: tally(({ adjusted }) => adjusted),
    delays: counts.flatMap(({ delays }) => delays),
  };
}
