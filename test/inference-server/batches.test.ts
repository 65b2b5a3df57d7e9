import { expect, test } from '@jest/globals';
import { openBatches } from '../../src/embedded/inference-server/batching/batches.ts';
import type { Step } from '../../src/embedded/inference-server/batching/step.ts';

const waiting = (id: string, ready: number, shapeKey = 0, rows = 1): Step => ({
  id,
  tensors: [],
  shapes: [],
  shapeKey,
  rows,
  wanted: undefined,
  sequence: undefined,
  start: false,
  end: false,
  arrived: ready,
  deadline: Infinity,
  answer: () => undefined,
  cancelled: false,
  ready,
  place: -1,
});
const ids = (batch: readonly Step[] | undefined) => batch?.map(({ id }) => id);

test('requests of other shapes are another batch, and the one that has waited longest goes first', () => {
  const batches = openBatches({ most: 8, preferred: [], delayMs: 0 });
  for (const [at, [id, key]] of (
    [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['d', 2],
    ] as const
  ).entries())
    batches.add(waiting(id, at, key));
  expect(ids(batches.take(9))).toEqual(['a', 'c']);
  expect(ids(batches.take(9))).toEqual(['b', 'd']);
  expect(batches.take(9)).toBeUndefined();
});

test('a batch waits for others as long as it may, unless it has a preferred size', () => {
  const batches = openBatches({ most: 8, preferred: [2, 4], delayMs: 10 });
  batches.add(waiting('a', 0));
  expect(batches.take(9)).toBeUndefined();
  expect(batches.due()).toBe(10);
  expect(ids(batches.take(10))).toEqual(['a']);
  for (const id of ['b', 'c', 'd', 'e', 'f']) batches.add(waiting(id, 20));
  expect(ids(batches.take(20))).toEqual(['b', 'c', 'd', 'e']);
  expect(batches.take(20)).toBeUndefined();
});

test('no batch has more rows than the model takes', () => {
  const batches = openBatches({ most: 4, preferred: [], delayMs: 0 });
  for (const [id, rows] of [
    ['a', 3],
    ['b', 2],
    ['c', 1],
    ['d', 1],
  ] as const)
    batches.add(waiting(id, 0, 0, rows));
  expect(ids(batches.take(0))).toEqual(['a']);
  expect(ids(batches.take(0))).toEqual(['b', 'c', 'd']);
});
