const longest = 64;

/**
 * Lengths of 64, 32, … 1 that add up: a server puts only requests of one length into one batch, so few lengths make large
 * batches.
 */
export function lengthsOf(samples: number): readonly number[] {
  const lengths: number[] = [];
  for (let left = samples, length = longest; left > 0; length >>= 1)
    for (; left >= length; left -= length) lengths.push(length);
  return lengths;
}

/** Views of the values of so many samples, cut to such lengths. */
export function piecesOf(values: Float32Array, sensors: number): readonly Float32Array[] {
  let at = 0;
  return lengthsOf(values.length / sensors).map((length) => {
    const from = at;
    at += length * sensors;
    return values.subarray(from, at);
  });
}
