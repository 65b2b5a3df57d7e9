import type { Series } from '../../src/evaluation/series.ts';
import { seeded } from '../support/random.ts';
import { flagsOf } from './made-up.ts';

const rows = 6_000;
const long = 150;

/** Where the anomaly of each entity begins. */
const begins = [900, 4_100, 2_300, 5_200, 1_700, 3_400, 2_900, 4_600];

/**
 * Eight entities of calm noise with an anomaly each. The values of every other one jump in it; in the rest only `detector` sees
 * something. It begins ten rows late, misses the last, and alarms once for nothing.
 */
export function madeUpFleet(): readonly Series[] {
  const random = seeded(11);
  const noise = (count: number) => Float32Array.from({ length: count }, () => 0.1 * (random() - 0.5));
  return begins.map((first, at): Series => {
    const telemetry = noise(rows);
    if (at % 2 === 0) for (let row = first; row < first + long; row++) telemetry[row] = (telemetry[row] ?? 0) + 0.6;
    const last = first + long - 1;
    const seen = at === 7 ? [] : ([[first + 10, first + 60]] as const);
    const flags = flagsOf(rows, at === 3 ? [...seen, [500, 510]] : seen);
    return { entity: `A-${at + 1}`, rows, labels: [{ first, last }], flags, telemetry, training: noise(2_000) };
  });
}
