import { expect, test } from '@jest/globals';
import { generatedSeries, seriesPatterns, type SeriesPattern } from '../../src/replay/series-generator.ts';

// As the generator gives them that the models were trained on.
test.each<[SeriesPattern, readonly number[]]>([
  ['linear', [24.3123798, 24.15312609, 23.94177039, 23.26928029]],
  ['seasonal', [-362.5396953, -382.4151987, -409.1298777, -424.9836161]],
  ['random_walk', [-432.2946027, -379.0551542, -365.7839843, -401.1737743]],
  ['exponential', [1563.838906, 1592.656878, 1701.079387, 1737.391695]],
  ['cyclical', [-15.15028331, -14.8435814, -14.5782597, -14.34314529]],
])('%s begins as it was written down', (pattern, first) => {
  const index = seriesPatterns.indexOf(pattern);
  const series = generatedSeries({ pattern, split: 'golden', index, length: 20 });
  expect(series).toHaveLength(20);
  for (const [step, value] of first.entries()) expect(Math.abs((series[step] ?? NaN) / value - 1)).toBeLessThan(1e-9);
});

test('the same wish is the same series; another place in a split, or another split, is another', () => {
  const wish = { pattern: 'seasonal', split: 'test', index: 7, length: 32 } as const;
  const series = generatedSeries(wish);
  expect(generatedSeries(wish)).toEqual(series);
  expect(generatedSeries({ ...wish, index: 8 })).not.toEqual(series);
  expect(generatedSeries({ ...wish, split: 'train' })).not.toEqual(series);
});

test('lengths are drawn from 8 to 512, and all that is drawn is finite', () => {
  const lengths = Array.from({ length: 1_000 }, (_, index) => {
    const series = generatedSeries({ pattern: seriesPatterns[index % 5] ?? 'linear', split: 'test', index });
    expect(series.every(Number.isFinite)).toBe(true);
    return series.length;
  });
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(8);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(512);
  // Half of them are shorter than the geometric middle.
  const short = lengths.filter((length) => length < 64).length;
  expect(short).toBeGreaterThan(430);
  expect(short).toBeLessThan(570);
});

test('a series begins alike however long it is, but for exponential, whose growth is over all of it', () => {
  const begins = (pattern: SeriesPattern, length: number) =>
    [...generatedSeries({ pattern, split: 'test', index: 3, length })].slice(0, 8);
  for (const pattern of seriesPatterns)
    expect([pattern, JSON.stringify(begins(pattern, 20)) === JSON.stringify(begins(pattern, 60))]).toEqual([
      pattern,
      pattern !== 'exponential',
    ]);
});

test('a length that is none is refused', () => {
  expect(() => generatedSeries({ pattern: 'linear', split: 'test', index: 0, length: 0 })).toThrow(
    'telemetry-unusable',
  );
});
