import { describe, expect, test } from '@jest/globals';
import type { ForecastModel } from '../../../src/contract/index.ts';
import { forecastAnswer, forecastInput } from '../../../src/stages/predict/forecast.ts';
import { apart, forecastCases, forecasters, type ForecastCase } from '../../support/series-golden.ts';

const model: ForecastModel = {
  kind: 'lstm',
  task: 'forecast',
  weights: '',
  least: 8,
  most: 512,
  window: 128,
  horizon: 64,
  quantiles: [0.1, 0.5, 0.9],
};

const quantilesOf = ({ quantiles_64x3 }: ForecastCase) => Float32Array.from(quantiles_64x3);

describe.each(forecasters)('with the answers of %s', (name) => {
  test.each(forecastCases(name).map((one) => [one.name, one] as const))('%s', (_, golden) => {
    const { input, mask, trend, line } = forecastInput(golden.data, model);
    const padding = model.window - golden.used;
    expect([...input.slice(0, padding), ...mask.slice(0, padding)]).toEqual(new Array(2 * padding).fill(0));
    expect([...mask.slice(padding)]).toEqual(new Array(golden.used).fill(1));
    expect(apart(input.slice(padding), golden.z_unpadded)).toBeLessThan(1e-7);
    expect(apart(trend, golden.trend)).toBeLessThan(1e-7);
    expect(apart([line.level, line.slope, line.scale], [golden.level, golden.slope, golden.scale])).toBeLessThan(1e-13);

    const { predictions, lower, upper } = forecastAnswer(line, quantilesOf(golden), 64);
    expect(apart(predictions, golden.forecast_p50)).toBeLessThan(1e-6);
    expect(apart(lower.slice(0, 5), golden.forecast_p10_first5)).toBeLessThan(1e-6);
    expect(apart(upper.slice(0, 5), golden.forecast_p90_first5)).toBeLessThan(1e-6);
  });
});

test('the answer has as many steps as were asked for', () => {
  const [golden] = forecastCases('lstm_timeseries');
  if (golden === undefined) throw new Error('no case');
  const { line } = forecastInput(golden.data, model);
  const all = forecastAnswer(line, quantilesOf(golden), 64);
  for (const steps of [1, 5, 63]) {
    const some = forecastAnswer(line, quantilesOf(golden), steps);
    expect(some).toEqual({
      predictions: all.predictions.slice(0, steps),
      lower: all.lower.slice(0, steps),
      upper: all.upper.slice(0, steps),
    });
  }
});

/** Of a model that is sure of nothing. */
const wild = Float32Array.from({ length: 192 }, (_, at) => 1000 * (at % 3));

test.each<[string, (t: number) => number]>([
  ['a constant', () => 42.5],
  ['zeros', () => 0],
  ['a straight line', (t: number) => 0.1 * t - 7],
  ['a straight line far from zero', (t: number) => 1e9 + 0.3 * t],
  ['a straight line of tiny numbers', (t: number) => 1e-200 * t],
])('%s is continued exactly, whatever the model says', (_, valueAt) => {
  const data = Array.from({ length: 50 }, (_, t) => valueAt(t));
  const { input, trend, line } = forecastInput(data, model);
  expect([line.scale, ...trend]).toEqual([0, 0, 0]);
  expect(input.every((number) => number === 0)).toBe(true);
  const { predictions, lower, upper } = forecastAnswer(line, wild, 8);
  expect([lower, upper]).toEqual([predictions, predictions]);
  const size = Math.abs(valueAt(49));
  predictions.forEach((prediction, at) => {
    expect(Math.abs(prediction - valueAt(50 + at))).toBeLessThanOrEqual(1e-12 * size);
  });
});

test('a series far from zero is seen as the same series near it', () => {
  // Numbers of which 1e9 more loses no bit.
  const near = Array.from({ length: 40 }, (_, t) => Math.round(256 * Math.sin(t / 3)));
  const [a, b] = [near, near.map((value) => 2 ** 30 + value)].map((data) => forecastInput(data, model));
  expect(b?.input).toEqual(a?.input);
  expect(b?.trend).toEqual(a?.trend);
});

test('the steepness of a series has bounds, and large numbers stay finite', () => {
  const steep = Array.from({ length: 30 }, (_, t) => 100 * t + Math.sin(t));
  expect(forecastInput(steep, model).trend[1]).toBe(2);
  expect(forecastInput(steep.toReversed(), model).trend[1]).toBe(-2);
  const huge = Array.from({ length: 512 }, (_, t) => 1e300 * Math.sin(t));
  const { input, line } = forecastInput(huge, model);
  expect(input.every(Number.isFinite)).toBe(true);
  expect(forecastAnswer(line, wild, 64).upper.every(Number.isFinite)).toBe(true);
});
