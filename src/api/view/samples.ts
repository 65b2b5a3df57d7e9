import type { Records } from '../../contract/index.ts';

type Scores = Records['scores'];

/** The last samples of one entity, in columns, around a ring. */
export interface EntitySamples {
  readonly count: number;
  /** From the oldest on. */
  timestamp(at: number): number;
  score(at: number): number;
  detected(at: number): boolean;
  value(at: number, sensor: number): number;
  reconstruction(at: number, sensor: number): number;
  error(at: number, sensor: number): number;
}

export interface SampleView {
  saw(scores: Scores): void;
  of(entity: string): EntitySamples | undefined;
}

interface Ring {
  readonly sensors: number;
  readonly timestamps: Float64Array;
  readonly score: Float32Array;
  readonly detected: Uint8Array;
  readonly values: Float32Array;
  readonly normalised: Float32Array;
  readonly reconstruction: Float32Array;
  next: number;
  count: number;
}

/** As many of each entity as there is room for; what was there before is VictoriaMetrics' to know. */
export function openSampleView(maxSamples: number): SampleView {
  const rings = new Map<string, Ring>();

  const ringOf = (key: string, sensors: number): Ring => {
    const found = rings.get(key);
    if (found?.sensors === sensors) return found;
    const column = (): Float32Array => new Float32Array(maxSamples * sensors);
    const made: Ring = {
      sensors,
      timestamps: new Float64Array(maxSamples),
      score: new Float32Array(maxSamples),
      detected: new Uint8Array(maxSamples),
      values: column(),
      normalised: column(),
      reconstruction: column(),
      next: 0,
      count: 0,
    };
    rings.set(key, made);
    return made;
  };

  return {
    saw: ({ satellite_id, entity, timestamps, values, normalised, reconstruction, score, detected }) => {
      const sensors = timestamps.length === 0 ? 0 : values.length / timestamps.length;
      const ring = ringOf(`${satellite_id}/${entity}`, sensors);
      for (const [at, timestamp] of timestamps.entries()) {
        const to = ring.next;
        const own = [at * sensors, (at + 1) * sensors] as const;
        ring.timestamps[to] = timestamp;
        ring.score[to] = score[at] ?? NaN;
        ring.detected[to] = detected[at] === true ? 1 : 0;
        ring.values.set(values.subarray(...own), to * sensors);
        ring.normalised.set(normalised.subarray(...own), to * sensors);
        ring.reconstruction.set(reconstruction.subarray(...own), to * sensors);
        ring.next = (to + 1) % maxSamples;
        ring.count = Math.min(ring.count + 1, maxSamples);
      }
    },
    of: (entity) => {
      const ring = rings.get(entity);
      if (ring === undefined) return undefined;
      const place = (at: number): number => (ring.next - ring.count + at + maxSamples) % maxSamples;
      const cell = (column: Float32Array, at: number, sensor: number): number =>
        column[place(at) * ring.sensors + sensor] ?? NaN;
      return {
        count: ring.count,
        timestamp: (at) => ring.timestamps[place(at)] ?? NaN,
        score: (at) => ring.score[place(at)] ?? NaN,
        detected: (at) => ring.detected[place(at)] === 1,
        value: (at, sensor) => cell(ring.values, at, sensor),
        reconstruction: (at, sensor) => cell(ring.reconstruction, at, sensor),
        error: (at, sensor) => (cell(ring.normalised, at, sensor) - cell(ring.reconstruction, at, sensor)) ** 2,
      };
    },
  };
}
