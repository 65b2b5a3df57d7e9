import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accumulator, rowsSeen, rowsSeenOverStream, serve, step, type Served } from './served.ts';

const count = 10_000;
const all = Array.from({ length: count }, (_, index) => index);

let served: Served;
beforeAll(async () => {
  const slots = `max_candidate_sequences: ${count}`;
  served = await serve({ acc: accumulator((config) => config.replace('max_candidate_sequences: 64', slots)) });
});
afterAll(() => served.end());

test('requests of ten thousand sequences that nobody has begun are refused, and leave nothing behind', async () => {
  const seen = await rowsSeenOverStream(
    served,
    all.map((index) => step(`unknown-${index}`)),
  );
  const says = (index: number) =>
    `inference request for sequence unknown-${index} to model 'acc' must specify the START flag on the first request of the sequence`;
  expect(seen).toEqual(all.map(says));
  expect(await rowsSeen(served, step('known', { start: true, end: true }))).toBe(1);
});

test('ten thousand sequences keep their own states, in whatever batches their steps are', async () => {
  const length = (index: number) => (index % 3) + 1;
  const go = (start: boolean, end: boolean) =>
    rowsSeenOverStream(
      served,
      all.map((index) => step(`s${index}`, { start, end, rows: Array<number>(length(index)).fill(index) })),
    );
  expect(await go(true, false)).toEqual(all.map(length));
  expect(await go(false, false)).toEqual(all.map((index) => 2 * length(index)));
  expect(await go(false, true)).toEqual(all.map((index) => 3 * length(index)));
});
