/** Moves the mean a step towards a value; the first `n` rows are weighted equally, `row` counts from 0. */
export const ewma = (mean: number, value: number, n: number, row: number): number =>
  mean + Math.max(2 / (n + 1), 1 / (row + 1)) * (value - mean);
