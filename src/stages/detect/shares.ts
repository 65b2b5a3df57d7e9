import type { Records } from '../../contract/index.ts';

type Scores = Records['scores'];

const least = 0.01;

/** The sensors by their share of the model's squared error of a sample, the largest first. */
export function sharesOf(
  { normalised, reconstruction }: Scores,
  sample: number,
  sensors: readonly string[],
): { readonly sensor: string; readonly share: number }[] {
  const from = sample * sensors.length;
  const errors = sensors.map((_, at) => ((normalised[from + at] ?? 0) - (reconstruction[from + at] ?? 0)) ** 2);
  const whole = errors.reduce((sum, error) => sum + error, 0);
  if (whole === 0) return [];
  return sensors
    .map((sensor, at) => ({ sensor, share: (errors[at] ?? 0) / whole }))
    .filter(({ share }) => share >= least)
    .sort((a, b) => b.share - a.share);
}
