import type { Metric, Sent, Series, SeriesBlock } from '../../src/contract/index.ts';

const metrics: readonly Metric[] = ['test_score', 'test_value'].map((name) => ({ name, about: name }));

/** A block of two series of one entity. */
export function seriesBlock(
  entity: string,
  timestamps: readonly number[],
  numbers: (series: number, sample: number) => number = (series, sample) => series * 100 + sample + 0.5,
): SeriesBlock {
  const series: readonly Series[] = metrics.map((metric) => ({ metric, labels: { entity } }));
  const columns = Float32Array.from({ length: 2 * timestamps.length }, (_, at) =>
    numbers(Math.floor(at / timestamps.length), at % timestamps.length),
  );
  return { series, timestamps, numbers: columns };
}

export const sentBlock = (
  entity: string,
  timestamps: readonly number[],
  numbers?: Parameters<typeof seriesBlock>[2],
): Sent<SeriesBlock> => ({ key: entity, value: seriesBlock(entity, timestamps, numbers) });
