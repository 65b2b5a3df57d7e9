import { createHash } from 'node:crypto';
import { openDetector, type Detector } from '../../../src/stages/detect/detector.ts';
import type { Row } from '../../../src/stages/detect/rules/rule.ts';
import type { EntitySettings } from '../../../src/stages/detect/settings.ts';

export const defaults: EntitySettings = {
  sensors: ['sensor_0'],
  rules: ['too-busy', 'too-quiet', 'unusual-shape'],
  res: 0.01,
  settleRows: 250,
  shapeRows: '4',
  busyFactor: 1.3,
  quietFactor: 1.4,
  shapeFactor: 1.4,
  errorFactor: 1.6,
};

export const rowOf = (value: number): Row => ({ value, error: 0, gap: false, warming: false });

const bits: Readonly<Record<string, number>> = { 'too-busy': 1, 'too-quiet': 2, 'unusual-shape': 4 };

/** First and last flagged row, rules, flagged rows, peak ratio: an event closes after 100 rows without a flag. */
export type Event = readonly [first: number, last: number, rules: string, rows: number, peak: number];

export interface WatchedChannel {
  /** One byte a row: R 1, Q 2, D 4. */
  readonly flags: Uint8Array;
  readonly sha256: string;
  readonly events: readonly Event[];
}

/** One channel, its quiet rows first; before each row of `cuts` the detector is thrown away and another goes on from its bytes. */
export function watchChannel(
  quiet: readonly number[],
  stream: readonly number[],
  cuts: ReadonlySet<number> = new Set(),
  settings: EntitySettings = defaults,
): WatchedChannel {
  let detector: Detector = openDetector(settings);
  detector.prime([quiet.map(rowOf)]);
  const flags = new Uint8Array(stream.length);
  const peaks = new Float64Array(stream.length);
  for (const [at, value] of stream.entries()) {
    if (cuts.has(at)) {
      const saved = detector.save();
      detector = openDetector(settings);
      detector.restore(saved);
    }
    for (const { rule, alarm } of detector.judge([rowOf(value)])) {
      flags[at] = (flags[at] ?? 0) | (bits[rule] ?? 0);
      peaks[at] = Math.max(peaks[at] ?? 0, alarm.ratio);
    }
  }
  return { flags, sha256: createHash('sha256').update(flags).digest('hex'), events: eventsOf(flags, peaks) };
}

function eventsOf(flags: Uint8Array, peaks: Float64Array): Event[] {
  const rows = [...flags.entries()].flatMap(([row, flag]) => (flag === 0 ? [] : [row]));
  const groups: number[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last === undefined || row - (last.at(-1) ?? 0) > 100) groups.push([row]);
    else last.push(row);
  }
  return groups.map((group) => {
    const all = group.reduce((seen, row) => seen | (flags[row] ?? 0), 0);
    const rules = (['R', 'Q', 'D'] as const).filter((_, bit) => (all >> bit) & 1).join('');
    const peak = Math.max(...group.map((row) => peaks[row] ?? 0));
    return [group[0] ?? 0, group.at(-1) ?? 0, rules, group.length, Number(peak.toFixed(6))];
  });
}
