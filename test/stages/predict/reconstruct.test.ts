import { describe, expect, test } from '@jest/globals';
import type { ReconstructionModel } from '../../../src/contract/index.ts';
import { reconstructionAnswer, windowsOf, type WindowAnswer } from '../../../src/stages/predict/reconstruct.ts';
import { apart, reconstructionCases } from '../../support/series-golden.ts';

const model: ReconstructionModel = {
  kind: 'vae',
  task: 'reconstruct',
  weights: '',
  least: 8,
  most: 512,
  window: 128,
  threshold: 4.445973,
  pointThreshold: 2.477825,
};

/** As the model answers: as long as its window, and garbage before the series begins. */
function padded(numbers: readonly number[]): Float32Array {
  const answer = new Float32Array(model.window).fill(1e9);
  answer.set(numbers, model.window - numbers.length);
  return answer;
}

const answerOf = (one: { reconstruction: readonly number[]; score: readonly number[] }): WindowAnswer => ({
  reconstruction: padded(one.reconstruction),
  score: padded(one.score),
});

const cases = reconstructionCases();

test.each(cases.map((one) => [one.name, one] as const))('%s', (_, golden) => {
  const windows = windowsOf(golden.data, model);
  expect(windows.map(({ start, count }) => [start, count])).toEqual(
    golden.tiles.map(({ start, count }) => [start, count]),
  );
  golden.tiles.forEach((tile, at) => {
    const { input, mask, loc, scale } = windows[at] ?? { input: [], mask: [], loc: NaN, scale: NaN };
    const padding = model.window - tile.count;
    expect(apart([loc, scale], [tile.loc, tile.scale])).toBeLessThan(1e-13);
    expect(apart(input.slice(padding), tile.z_unpadded)).toBeLessThan(1e-7);
    expect([...mask]).toEqual([...new Array<number>(padding).fill(0), ...new Array<number>(tile.count).fill(1)]);
    expect(input.slice(0, padding).every((number) => number === 0)).toBe(true);
  });

  const answer = reconstructionAnswer(golden.data, windows, golden.tiles.map(answerOf), model);
  expect(apart(answer.predictions, golden.reconstruction)).toBeLessThan(1e-6);
  expect(apart(answer.scores, golden.point_scores)).toBeLessThan(1e-6);
  expect(apart([answer.anomaly_score], [golden.anomaly_score])).toBeLessThan(1e-6);
  expect(answer.anomaly_detected).toBe(golden.anomaly_score > model.threshold);
});

test.each([
  [8, [[0, 8]]],
  [128, [[0, 128]]],
  [
    129,
    [
      [0, 128],
      [1, 128],
    ],
  ],
  [
    256,
    [
      [0, 128],
      [128, 128],
    ],
  ],
  [
    512,
    [
      [0, 128],
      [128, 128],
      [256, 128],
      [384, 128],
    ],
  ],
])('%i points are in windows that leave none out', (count, expected) => {
  const data = Array.from({ length: count }, (_, t) => t % 7);
  expect(windowsOf(data, model).map(({ start, count }) => [start, count])).toEqual(expected);
});

describe('an answer', () => {
  test('takes the word of the newer window on points that two share', () => {
    const data = Array.from({ length: 130 }, (_, t) => t % 5);
    const windows = windowsOf(data, model);
    const answers = [1, 2].map((score) => ({
      reconstruction: new Float32Array(128),
      score: new Float32Array(128).fill(score),
    }));
    const { scores } = reconstructionAnswer(data, windows, answers, model);
    expect(scores).toEqual([1, 1, ...new Array<number>(128).fill(2)]);
  });

  test('is an anomaly above the threshold only', () => {
    const data = [1, 2, 3, 4, 5, 6, 7, 8];
    const detected = (score: number): boolean => {
      const answers = [answerOf({ reconstruction: data, score: data.map((_, at) => (at === 3 ? score : 0)) })];
      return reconstructionAnswer(data, windowsOf(data, model), answers, { ...model, threshold: 4 }).anomaly_detected;
    };
    expect([3.99, 4, 4.01].map(detected)).toEqual([false, false, true]);
  });

  test.each([
    ['a constant', () => 42.5],
    ['zeros', () => 0],
    ['a constant but for its rounding', (t: number) => 1e9 + (t % 2) * 1e-7],
  ])('to %s is that series, and no anomaly, whatever the model says', (_, valueAt) => {
    const data = Array.from({ length: 200 }, (_, t) => valueAt(t));
    const windows = windowsOf(data, model);
    expect(windows.map(({ scale }) => scale)).toEqual([0, 0]);
    expect(windows.every(({ input }) => input.every((number) => number === 0))).toBe(true);
    const wild = { reconstruction: new Float32Array(128).fill(5), score: new Float32Array(128).fill(99) };
    const answer = reconstructionAnswer(data, windows, [wild, wild], model);
    expect(apart(answer.predictions, data)).toBeLessThan(1e-9);
    expect([answer.scores.every((score) => score === 0), answer.anomaly_score, answer.anomaly_detected]).toEqual([
      true,
      0,
      false,
    ]);
  });
});

test('a switch that is nearly always off is scaled by its deviation', () => {
  const data = Array.from({ length: 100 }, (_, t) => (t % 10 === 0 ? 1 : 0));
  const [window] = windowsOf(data, model);
  expect([window?.loc, window?.scale]).toEqual([0, expect.closeTo(0.3, 12)]);
});

test('a straight line has a spread of its own', () => {
  const data = Array.from({ length: 101 }, (_, t) => t);
  expect(windowsOf(data, model)[0]).toMatchObject({ loc: 50, scale: 1.4826 * 25 });
});

test('large numbers stay finite, alone among small ones too', () => {
  for (const valueAt of [(t: number) => (t === 10 ? 1e300 : Math.sin(t)), (t: number) => 1e300 * Math.sin(t)]) {
    const data = Array.from({ length: 20 }, (_, t) => valueAt(t));
    const windows = windowsOf(data, model);
    expect(windows[0]?.input.every(Number.isFinite)).toBe(true);
    const answer = { reconstruction: new Float32Array(128).fill(6), score: new Float32Array(128) };
    expect(reconstructionAnswer(data, windows, [answer], model).predictions.every(Number.isFinite)).toBe(true);
  }
});
