/**
 * Normalised samples as satellites send them, always the same for the same seed: one measured value that drifts, stands still
 * and jumps, now and then out of the range that training saw, and commands that are on for a while and mostly off.
 */
export function telemetryLike(samples: number, sensors: number, seed: number): Float32Array {
  const random = generator(seed);
  const values = new Float32Array(samples * sensors);
  const on = new Array<boolean>(sensors).fill(false);
  let measured = random();
  let drift = 0;
  for (let sample = 0; sample < samples; sample++) {
    if (random() < 0.02) drift = random() < 0.5 ? 0 : (random() - 0.5) * 0.1;
    if (random() < 0.01) measured = random() < 0.9 ? random() : random() * 3 - 1;
    measured = Math.min(2, Math.max(-1, measured + drift + (random() - 0.5) * 0.01));
    values[sample * sensors] = measured;
    for (let sensor = 1; sensor < sensors; sensor++) {
      on[sensor] = on[sensor] === true ? random() < 0.8 : random() < 0.01;
      values[sample * sensors + sensor] = on[sensor] ? 1 : 0;
    }
  }
  return values;
}

/** Numbers in [0, 1): a linear congruence, whose upper bits are random enough here. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
