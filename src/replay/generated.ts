import type { Source } from './source.ts';

/** Makes the values of one row, the next at each call, into a row of a table. */
export type Generator = (row: Float32Array) => void;

/** Telemetry that is made as it is asked for: from the beginning again where somebody goes back. */
export function generated(from: string, columns: number, rows: number, begin: () => Generator): Source {
  let [generator, at] = [begin(), 0];
  const read: Source['read'] = (first, count) => {
    if (first < at) [generator, at] = [begin(), 0];
    const skipped = new Float32Array(columns);
    for (; at < first; at++) generator(skipped);
    const length = Math.max(0, Math.min(count, rows - first));
    const values = new Float32Array(length * columns);
    for (let row = 0; row < length; row++, at++) generator(values.subarray(row * columns, (row + 1) * columns));
    return Promise.resolve({ values, labels: Array.from({ length }, () => []) });
  };
  return { from, columns, rows, read, close: () => Promise.resolve() };
}
