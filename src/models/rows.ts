import type { ModelMetadata } from '../contract/model.ts';
import type { OnnxModel, OnnxTensor } from '../embedded/inference-server/onnx.ts';

/** One sequence's part of a run. */
export interface Row {
  /** Its place in the model's weights. */
  readonly entity: number;
  /** Normalised samples, one after the other; all rows of a run have as many. */
  readonly values: Float32Array;
  readonly start: boolean;
  /** Of a row that is not, nothing changes. */
  readonly ready?: boolean;
  /** What the state begins with at START. */
  readonly initial: Float32Array;
  /** What the inference server kept of the sequence. */
  readonly kept: Kept;
}

export interface Kept {
  readonly state: Float32Array;
  readonly count: bigint;
}

export interface Scores {
  readonly reconstruction: Float32Array;
  readonly score: Float32Array;
  /** To be kept for the next run. */
  readonly kept: Kept;
}

/** Scores several sequences in one run, as an inference server's sequence batcher would. */
export async function scoreRows(
  model: OnnxModel,
  { form, sensors, state }: ModelMetadata,
  rows: readonly Row[],
): Promise<readonly Scores[]> {
  const count = rows.length;
  const samples = (rows[0]?.values.length ?? 0) / sensors;
  const feeds: Record<string, OnnxTensor> = {
    values: floats(
      [count, samples, sensors],
      rows.map(({ values }) => values),
    ),
    h_init: floats(
      [count, ...state],
      rows.map(({ initial }) => initial),
    ),
    START: floats(
      [count, 1],
      rows.map(({ start }) => [start ? 1 : 0]),
    ),
    READY: floats(
      [count, 1],
      rows.map(({ ready }) => [(ready ?? true) ? 1 : 0]),
    ),
    h_prev: floats(
      [count, ...state],
      rows.map(({ kept }) => kept.state),
    ),
    n_prev: integers(
      [count, 1],
      rows.map(({ kept }) => kept.count),
    ),
  };
  if (form === 'fleet')
    feeds['entity'] = integers(
      [count, 1],
      rows.map(({ entity }) => BigInt(entity)),
    );
  const results = await model.run(feeds);
  const part = (name: string, row: number): Float32Array => {
    const data = results[name]?.data;
    if (!(data instanceof Float32Array)) throw new TypeError(`the model answered no ${name}`);
    return data.slice((row * data.length) / count, ((row + 1) * data.length) / count);
  };
  const counts = results['n_out']?.data;
  return rows.map((_, row) => ({
    reconstruction: part('reconstruction', row),
    score: part('score', row),
    kept: { state: part('h_out', row), count: BigInt(counts?.[row] ?? 0) },
  }));
}

export const nothingKept = ({ state }: ModelMetadata): Kept => ({ state: zeroState(state), count: 0n });

export const zeroState = (shape: readonly number[]): Float32Array =>
  new Float32Array(shape.reduce((product, size) => product * size, 1));

function floats(shape: readonly number[], rows: readonly ArrayLike<number>[]): OnnxTensor {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let at = 0;
  for (const row of rows) {
    data.set(row, at);
    at += row.length;
  }
  return { datatype: 'FP32', shape, data };
}

const integers = (shape: readonly number[], values: readonly bigint[]): OnnxTensor => ({
  datatype: 'INT64',
  shape,
  data: BigInt64Array.from(values),
});
