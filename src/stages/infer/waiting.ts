import type { Records } from '../../contract/index.ts';

type Samples = Records['samples'];

/** Samples of one entity that wait to be scored, in columns: they are too many for an object each. */
export interface Waiting {
  readonly count: number;
  /** The place of its record in the batch, and of the sample in the record. */
  readonly record: Int32Array;
  readonly sample: Int32Array;
  /** The source's number; NaN where it has none. */
  readonly index: Float64Array;
  readonly timestamp: Float64Array;
  readonly values: Float32Array;
}

/** A record, and its place in the batch. */
export interface Placed {
  readonly record: number;
  readonly value: Samples;
}

export function waitingOf(records: readonly Placed[], sensors: number): Waiting {
  const count = records.reduce((sum, { value }) => sum + value.timestamps.length, 0);
  const [first] = records;
  const waiting = {
    count,
    record: new Int32Array(count),
    sample: new Int32Array(count),
    index: new Float64Array(count),
    timestamp: new Float64Array(count),
    values: records.length === 1 && first !== undefined ? first.value.values : new Float32Array(count * sensors),
  };
  let at = 0;
  for (const { record, value } of records) {
    const { timestamps, indices, values } = value;
    if (records.length > 1) waiting.values.set(values, at * sensors);
    for (let sample = 0; sample < timestamps.length; sample++, at++) {
      waiting.record[at] = record;
      waiting.sample[at] = sample;
      waiting.index[at] = indices?.[sample] ?? NaN;
      waiting.timestamp[at] = timestamps[sample] ?? NaN;
    }
  }
  return waiting;
}
