import type { Model, Result } from '../jobs/answers.ts';

const defaultSteps = 10;

/** What a good answer to a series of this length lacks; undefined where it lacks nothing. */
export function lacks({ predictions, interval, scores, anomaly_score: most }: Result, model: Model, length: number) {
  const { task, max_forecast_steps: horizon } = model;
  if (predictions.length === 0) return 'no predictions';
  if (!predictions.every(Number.isFinite)) return 'predictions that are not finite';
  if (task === 'forecast') {
    const steps = Math.min(defaultSteps, horizon ?? defaultSteps);
    if (predictions.length !== steps) return `${predictions.length} steps where ${steps} were asked for`;
    const within = (at: number, value: number): boolean =>
      (interval?.lower[at] ?? NaN) <= value && value <= (interval?.upper[at] ?? NaN);
    return predictions.every((value, at) => within(at, value)) ? undefined : 'predictions outside of their interval';
  }
  if (task === 'reconstruct') {
    if (predictions.length !== length) return `${predictions.length} numbers for a series of ${length}`;
    const isScored = scores?.length === length && scores.every(Number.isFinite) && Number.isFinite(most);
    return isScored ? undefined : 'not a score for each number';
  }
  return undefined;
}
