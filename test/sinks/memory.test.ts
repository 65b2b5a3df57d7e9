import { expect, test } from '@jest/globals';
import { openMemory } from '../../src/sinks/victoria/memory.ts';
import { seriesBlock } from '../support/series.ts';

const first = seriesBlock('a', [0]);
/** Of the same series, as a stage sends them one after the other. */
const block = (...timestamps: readonly number[]) => ({
  ...seriesBlock('a', timestamps, (series, sample) => series * 100 + (timestamps[sample] ?? 0)),
  series: first.series,
});
const other = seriesBlock('b', [7]);

test('what was written within a second is kept as one block for each set of series', () => {
  const memory = openMemory(1e6);
  memory.add([block(1, 2), other], 0);
  memory.add([block(3)], 900);
  memory.add([block(4)], 1_100);
  expect(memory.all().map(({ blocks, writtenAt }) => ({ blocks, writtenAt }))).toEqual([
    {
      writtenAt: 900,
      blocks: [
        { series: first.series, timestamps: [1, 2, 3], numbers: Float32Array.of(1, 2, 3, 101, 102, 103) },
        other,
      ],
    },
    { writtenAt: 1_100, blocks: [block(4)] },
  ]);
});

test('what is safe is forgotten, and all that was written again is as new', () => {
  const memory = openMemory(1e6);
  for (const at of [0, 2_000, 4_000]) memory.add([block(at)], at);
  memory.settle(1_000);
  const times = () => memory.all().map(({ writtenAt }) => writtenAt);
  expect(times()).toEqual([2_000, 4_000]);
  memory.restamp(9_000);
  memory.settle(8_000);
  expect(times()).toEqual([9_000, 9_000]);
  expect(memory.letGo).toBe(-Infinity);
});

test('what there is no room for is let go, the oldest first, and it is known when that was written', () => {
  const memory = openMemory(1_000);
  for (const at of [0, 2_000, 4_000, 6_000]) memory.add([block(at)], at);
  expect(memory.all().map(({ writtenAt }) => writtenAt)).toEqual([4_000, 6_000]);
  expect(memory.letGo).toBe(2_000);
});
