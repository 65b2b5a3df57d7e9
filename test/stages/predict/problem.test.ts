import { describe, expect, test } from '@jest/globals';
import type { ForecastModel, PlainModel, ReconstructionModel } from '../../../src/contract/index.ts';
import { plainInput } from '../../../src/stages/predict/plain.ts';
import { problemOf } from '../../../src/stages/predict/problem.ts';

const any = { kind: '', weights: '', least: 8, most: 512, window: 128 };
const forecast: ForecastModel = { ...any, task: 'forecast', horizon: 64, quantiles: [0.1, 0.5, 0.9] };
const reconstruct: ReconstructionModel = { ...any, task: 'reconstruct', threshold: 4, pointThreshold: 2 };
const plain = (shape: readonly number[], least: number, most: number): PlainModel => ({
  ...any,
  task: 'plain',
  least,
  most,
  input: 'x',
  datatype: 'FP32',
  shape,
  output: 'y',
});

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, t) => t);

describe('a job', () => {
  test.each([
    [8, 1],
    [512, 64],
  ])('of %i numbers and %i steps can be answered', (count, steps) => {
    expect(problemOf(numbers(count), steps, forecast)).toBeUndefined();
    expect(problemOf(numbers(count), null, reconstruct)).toBeUndefined();
  });

  test.each([
    [numbers(7), 1, 'data: 8 to 512 numbers are needed, not 7'],
    [numbers(513), 1, 'data: 8 to 512 numbers are needed, not 513'],
    [numbers(8), 0, 'forecast_steps: a whole number from 1 to 64 is needed, not 0'],
    [numbers(8), 65, 'forecast_steps: a whole number from 1 to 64 is needed, not 65'],
    [numbers(8), 1.5, 'forecast_steps: a whole number from 1 to 64 is needed, not 1.5'],
    [numbers(8), null, 'forecast_steps: a whole number from 1 to 64 is needed, not nothing'],
    [[...numbers(8), NaN], 1, 'data[8]: NaN is no finite number'],
    [[-Infinity, ...numbers(8)], 1, 'data[0]: -Infinity is no finite number'],
    [[...numbers(8), -1e301], 1, 'data[8]: -1e+301 is too large: the model takes up to 1.0e+300'],
    [[NaN], 0, /^data: .*; data\[0\]: .*; forecast_steps: /],
  ])('of %j and %s steps can not', (data, steps, says) => {
    const problem = problemOf(data, steps, forecast);
    if (typeof says === 'string') expect(problem).toBe(says);
    else expect(problem).toMatch(says);
  });

  test('that is no forecast needs no steps, and may name some', () => {
    expect(problemOf(numbers(8), 100, reconstruct)).toBeUndefined();
  });
});

describe('a model of any making', () => {
  test('takes numbers as they are, in its shape', () => {
    expect(plainInput([1, 2, 3, 4, 5, 6], plain([2, 3], 6, 6))).toEqual({
      shape: [1, 2, 3],
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
    });
    expect(plainInput(numbers(9), plain([-1, 3], 3, 510)).shape).toEqual([1, 3, 3]);
    const double = plainInput([0.1], { ...plain([1], 1, 1), datatype: 'FP64' });
    expect(double.data).toEqual(Float64Array.of(0.1));
  });

  test.each([
    [numbers(5), plain([2, 3], 6, 6), 'data: exactly 6 numbers are needed, not 5'],
    [
      numbers(10),
      plain([-1, 3], 3, 510),
      "data: 10 numbers do not fill the model's shape [-1, 3], which takes 3 at a time",
    ],
    [numbers(2), plain([-1, 3], 3, 510), 'data: 3 to 510 numbers are needed, not 2'],
    [[1e39, 0, 0], plain([3], 3, 3), 'data[0]: 1e+39 is too large: the model takes up to 3.4e+38'],
  ])('is not asked with %j', (data, model, says) => {
    expect(problemOf(data, null, model)).toBe(says);
  });
});
