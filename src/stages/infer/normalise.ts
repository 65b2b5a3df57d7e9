import type { Scale } from '../../contract/index.ts';

/** As it was done in training: (x - min) / range, clipped, in double precision; a sensor without a scale as it is. */
export function normalise(scales: readonly (Scale | null)[], raw: Float32Array, into: Float32Array): void {
  const sensors = scales.length;
  into.set(raw);
  for (let sensor = 0; sensor < sensors; sensor++) {
    const scale = scales[sensor];
    if (scale === null || scale === undefined) continue;
    const { min, range, clip } = scale;
    const [low, high] = clip;
    for (let at = sensor; at < raw.length; at += sensors)
      into[at] = Math.min(high, Math.max(low, ((raw[at] ?? 0) - min) / range));
  }
}
