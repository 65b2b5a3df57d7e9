import type { Records } from '../../contract/index.ts';

export interface SensorShare {
  readonly sensor: string;
  /** Of the sample's error, from 0 to 1. */
  readonly share: number;
}

const most = 0.8;

/** The fewest sensors that together carry most of a sample's error, the worst first. */
export function worstSensors(
  { normalised, reconstruction, indices }: Records['scores'],
  sample: number,
  names: readonly string[],
): readonly SensorShare[] {
  const sensors = normalised.length / indices.length;
  const errors = Array.from({ length: Math.floor(sensors) }, (_, sensor) => {
    const at = sample * sensors + sensor;
    return ((normalised[at] ?? NaN) - (reconstruction[at] ?? NaN)) ** 2;
  });
  const whole = errors.reduce((sum, error) => sum + error, 0);
  if (!(whole > 0 && whole < Infinity)) return [];
  const shares = errors.map((error, at) => ({ sensor: nameOf(at, sensors, names), share: error / whole }));
  shares.sort((a, b) => b.share - a.share);
  const worst: SensorShare[] = [];
  let carried = 0;
  for (const next of shares) {
    if (carried >= most) break;
    worst.push(next);
    carried += next.share;
  }
  return worst;
}

/** Records that were scored under another fleet than the file's have other sensors. */
const nameOf = (at: number, sensors: number, names: readonly string[]): string =>
  (names.length === sensors ? names[at] : undefined) ?? `#${at}`;
