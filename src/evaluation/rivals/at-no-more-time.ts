import { alarmsOf, rowsIn } from '../alarms.ts';
import type { Flags } from '../series.ts';

/** The flags of a score: above 1. */
export const flagsAbove = (severities: readonly Float64Array[], level = 1): Flags =>
  severities.map((severity) => {
    const flags = new Uint8Array(severity.length);
    for (let row = 0; row < flags.length; row++) flags[row] = (severity[row] ?? 0) > level ? 1 : 0;
    return flags;
  });

/**
 * The flags of the same score at the lowest threshold, the same for all entities and not below 1, at which alarms stand for
 * no more than `budget` rows in all. A score that is the same everywhere has no such threshold but the one that flags nothing.
 */
export function atNoMoreTime(severities: readonly Float64Array[], budget: number): Flags {
  const fits = (flags: Flags): boolean => flags.reduce((sum, one) => sum + rowsIn(alarmsOf(one)), 0) <= budget;
  const asItIs = flagsAbove(severities);
  if (fits(asItIs)) return asItIs;
  // The higher the threshold, the fewer flags: the lowest that fits is found by halving. The highest flags nothing, and fits.
  const levels = Float64Array.from(severities.flatMap((severity) => [...severity.filter((value) => value > 1)])).sort();
  let [low, high] = [0, levels.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(flagsAbove(severities, levels[middle]))) high = middle;
    else low = middle + 1;
  }
  return flagsAbove(severities, levels[high]);
}
