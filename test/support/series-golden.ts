import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What training's own arithmetic, in float64, makes of some series on their way through a forecaster. */
export interface ForecastCase {
  readonly name: string;
  readonly data: readonly number[];
  /** How many of its last numbers the model sees. */
  readonly used: number;
  readonly level: number;
  readonly slope: number;
  readonly scale: number;
  readonly trend: readonly number[];
  readonly z_unpadded: readonly number[];
  readonly quantiles_64x3: readonly number[];
  readonly forecast_p50: readonly number[];
  readonly forecast_p10_first5: readonly number[];
  readonly forecast_p90_first5: readonly number[];
}

/** And through the model that reconstructs. */
export interface ReconstructionCase {
  readonly name: string;
  readonly data: readonly number[];
  readonly tiles: readonly {
    readonly start: number;
    readonly count: number;
    readonly loc: number;
    readonly scale: number;
    readonly z_unpadded: readonly number[];
    readonly reconstruction: readonly number[];
    readonly score: readonly number[];
    readonly anomaly_score: number;
  }[];
  readonly point_scores: readonly number[];
  readonly reconstruction: readonly number[];
  readonly anomaly_score: number;
}

export const forecasters = ['lstm_timeseries', 'transformer_timeseries'] as const;

export const seriesGoldenFile = (model: string): string =>
  join(import.meta.dirname, '..', 'golden', 'timeseries', `${model}.json`);

export const forecastCases = (model: (typeof forecasters)[number]): readonly ForecastCase[] =>
  (parsed(model) as { cases: readonly ForecastCase[] }).cases;

export const reconstructionCases = (): readonly ReconstructionCase[] =>
  (parsed('vae_timeseries') as { cases: readonly ReconstructionCase[] }).cases;

const parsed = (model: string): unknown => JSON.parse(readFileSync(seriesGoldenFile(model), 'utf8'));

/** The largest difference, as a part of the golden number or, of numbers below 1, of 1. */
export function apart(found: ArrayLike<number>, golden: readonly number[]): number {
  if (found.length !== golden.length) return NaN;
  return golden.reduce(
    (most, number, at) => Math.max(most, Math.abs((found[at] ?? NaN) - number) / Math.max(1, Math.abs(number))),
    0,
  );
}
