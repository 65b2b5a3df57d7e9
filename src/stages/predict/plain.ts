import type { PlainModel, Tensor } from '../../contract/index.ts';

/** A series as the one input of a model, as it is; with the batch, which is 1. Its length is one that `problemOf` let pass. */
export function plainInput(data: readonly number[], model: PlainModel): Tensor {
  const rest = sizeOfRow(model);
  return {
    shape: [1, ...model.shape.map((length) => (length === -1 ? data.length / rest : length))],
    data: model.datatype === 'FP32' ? Float32Array.from(data) : Float64Array.from(data),
  };
}

/** How many numbers there are of each place along the length that is open, or in all where none is. */
export const sizeOfRow = ({ shape }: PlainModel): number =>
  shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
