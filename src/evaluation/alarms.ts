import type { Span } from './series.ts';

/** Flags no further apart than this are one alarm, as telemanom counts and as an anomaly closes. */
export const joinedWithin = 100;

/** What an operator sees: from the first to the last of flags that follow closely on each other. */
export function alarmsOf(flags: Uint8Array): readonly Span[] {
  const alarms: { first: number; last: number }[] = [];
  let open: { first: number; last: number } | undefined;
  for (let row = 0; row < flags.length; row++) {
    if (flags[row] === 0) continue;
    if (open !== undefined && row - open.last <= joinedWithin) open.last = row;
    else alarms.push((open = { first: row, last: row }));
  }
  return alarms;
}

/** For how many rows an alarm stands. Flags alone would make one flag in every hundred rows look like 1 % of the time. */
export const rowsIn = (alarms: readonly Span[]): number =>
  alarms.reduce((sum, { first, last }) => sum + last - first + 1, 0);
