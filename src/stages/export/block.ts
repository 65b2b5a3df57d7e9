import type { Records, Series, SeriesBlock } from '../../contract/index.ts';
import type { EntitySeries } from './entity.ts';

type Scores = Records['scores'];

/** Which sensors are exported. */
export interface Choice {
  readonly sensors: readonly number[];
  /** Of the samples, and of these sensors. */
  readonly series: readonly Series[];
  /** Per sample the least error with which a sensor is exported; without it every one is. */
  readonly least?: Float64Array;
}

/** Records of one entity, one after the other, as columns of their series. */
export function blockOf(sensors: number, run: readonly Scores[], choice: Choice): SeriesBlock {
  const timestamps = run.length === 1 ? (run[0]?.timestamps ?? []) : run.flatMap((one) => one.timestamps);
  const count = timestamps.length;
  const numbers = new Float32Array(count * (2 + 3 * choice.sensors.length));
  let before = 0;
  for (const { score, detected, values, normalised, reconstruction, timestamps: own } of run) {
    numbers.set(score, before);
    for (let sample = 0; sample < own.length; sample++) {
      const at = before + sample;
      numbers[count + at] = detected[sample] === true ? 1 : 0;
      const least = choice.least?.[at];
      let column = 2 * count + at;
      for (const sensor of choice.sensors) {
        const from = sample * sensors + sensor;
        const expected = reconstruction[from] ?? 0;
        const error = ((normalised[from] ?? 0) - expected) ** 2;
        const isOut = least !== undefined && !(error >= least);
        numbers[column] = isOut ? NaN : (values[from] ?? 0);
        numbers[column + count] = isOut ? NaN : expected;
        numbers[column + 2 * count] = isOut ? NaN : error;
        column += 3 * count;
      }
    }
    before += own.length;
  }
  return { series: choice.series, timestamps, numbers };
}

export const chosen = ({ ofSamples, ofSensor }: EntitySeries, sensors: readonly number[]): Choice => ({
  sensors,
  series: [...ofSamples, ...sensors.flatMap((sensor) => ofSensor[sensor] ?? [])],
});

/** The sensors that have at least such a share of the error of a sample; the others have no number there. */
export function worst(entity: EntitySeries, run: readonly Scores[], percent: number): Choice {
  const { sensors } = entity;
  const found = new Set<number>();
  const least: number[] = [];
  const errors = new Float64Array(sensors);
  for (const { normalised, reconstruction, timestamps } of run) {
    for (let sample = 0; sample < timestamps.length; sample++) {
      const from = sample * sensors;
      let whole = 0;
      for (let sensor = 0; sensor < sensors; sensor++) {
        const error = ((normalised[from + sensor] ?? 0) - (reconstruction[from + sensor] ?? 0)) ** 2;
        errors[sensor] = error;
        whole += error;
      }
      // A sample without any error has no worst sensor.
      const limit = whole === 0 ? Infinity : (whole * percent) / 100;
      for (let sensor = 0; sensor < sensors; sensor++) if ((errors[sensor] ?? 0) >= limit) found.add(sensor);
      least.push(limit);
    }
  }
  const worstOf = [...found].sort((a, b) => a - b);
  return { ...chosen(entity, worstOf), least: Float64Array.from(least) };
}
