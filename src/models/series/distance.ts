/** The largest difference, as a part of the expected number or, of numbers below 1, of 1; NaN where they cannot be compared. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return NaN;
  return Array.from(expected).reduce((most, number, at) => {
    const difference = Math.abs((found[at] ?? NaN) - number);
    return Math.max(most, difference / Math.max(1, Math.abs(number)));
  }, 0);
}
