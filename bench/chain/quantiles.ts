/** p50, p99 and p99.9. */
export function quantiles(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  return [0.5, 0.99, 0.999].map(
    (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN,
  );
}
