import type { Grouped } from './api.ts';

/** A partition that is named again is passed over: naming one a thousand times is not worth a thousand looks. */
export function eachOnce<T extends { readonly partition: number }>(topics: readonly Grouped<T>[]): Grouped<T>[] {
  const seen = new Set<string>();
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.filter(({ partition }) => {
      const key = `${topic} ${partition}`;
      return !seen.has(key) && seen.add(key);
    }),
  }));
}
