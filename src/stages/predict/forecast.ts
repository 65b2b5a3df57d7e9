import type { ForecastModel } from '../../contract/index.ts';
import { isSignal, meanOf, rootMeanSquare } from './signal.ts';

/** The straight line through the end of a series, and how far the series lies from it. */
export interface Line {
  /** The line at the last value. */
  readonly level: number;
  /** A step. */
  readonly slope: number;
  /** The root of the mean square of what is left; 0 of a series that is straight, which is continued exactly. */
  readonly scale: number;
}

/** One series as the model takes it. */
export interface ForecastInput {
  readonly input: Float32Array;
  readonly mask: Float32Array;
  readonly trend: Float32Array;
  readonly line: Line;
}

export interface ForecastAnswer {
  readonly predictions: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

const steepest = 2;

/** In double precision up to here: of 1e9 and a small signal, single precision would leave nothing. */
export function forecastInput(data: readonly number[], { window }: ForecastModel): ForecastInput {
  const values = data.slice(-window);
  const { line, rest } = lineThrough(values);
  const { slope, scale } = line;
  const padding = window - values.length;
  const trend = new Float32Array(2);
  const input = new Float32Array(window);
  if (scale > 0) {
    rest.forEach((left, at) => (input[padding + at] = left / scale));
    const steepness = Math.min(steepest, Math.max(-steepest, slope / scale));
    trend.set([Math.asinh((slope * values.length) / scale), steepness]);
  }
  return { input, mask: new Float32Array(window).fill(1, padding), trend, line };
}

/** `quantiles` holds three of each step, of this series; of as many steps as are asked for, they are put back on the line. */
export function forecastAnswer({ level, slope, scale }: Line, quantiles: Float32Array, steps: number): ForecastAnswer {
  const quantile = (which: number): readonly number[] =>
    Array.from({ length: steps }, (_, at) => level + slope * (at + 1) + scale * (quantiles[3 * at + which] ?? NaN));
  return { predictions: quantile(1), lower: quantile(0), upper: quantile(2) };
}

/** By least squares, over times that end at 0. Counted from the last value, so that a large offset costs no digits. */
function lineThrough(values: readonly number[]): { readonly line: Line; readonly rest: readonly number[] } {
  const last = values.at(-1) ?? NaN;
  const middle = (values.length - 1) / 2;
  const heights = values.map((value) => value - last);
  const mean = meanOf(heights);
  const together = meanOf(heights.map((height, at) => (at - middle) * (height - mean)));
  const slope = together / meanOf(heights.map((_, at) => (at - middle) ** 2));
  const rest = heights.map((height, at) => height - mean - slope * (at - middle));
  const scale = rootMeanSquare(rest);
  return {
    line: { level: last + mean + slope * middle, slope, scale: isSignal(scale, values) ? scale : 0 },
    rest,
  };
}
