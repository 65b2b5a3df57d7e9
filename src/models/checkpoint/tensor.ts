import { refused } from '../refused.ts';

/** Numbers in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** The tensors of one model, by the names that its training gave them. */
export interface TensorSource {
  /** The shape of a tensor, or undefined where there is none of that name. */
  readonly shapeOf: (name: string) => readonly number[] | undefined;
  /** A tensor that must be there, in this shape. */
  readonly tensor: (name: string, shape: readonly number[]) => Tensor;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Refuses a tensor that is missing or of another shape, and says which. */
export function expectShape(name: string, shape: readonly number[], found: readonly number[] | undefined): void {
  const same = found?.length === shape.length && found.every((size, axis) => size === shape[axis]);
  if (!same) {
    throw refused(
      `tensor ${name}: expected ${shapeText(shape)}, found ${found === undefined ? 'none' : shapeText(found)}`,
    );
  }
}
