import { expectShape, sizeOf, type Tensor, type TensorSource } from './checkpoint/tensor.ts';
import { isVector, type Network } from './network.ts';
import type { Constant } from './onnx/graph.ts';
import type { Form } from './sequence-graph.ts';

/** How a tensor lies in a graph. Each way keeps every bit, so that what was trained can be read back from the file. */
type Layout = 'transposed' | 'gates swapped' | 'as it is';

/** PyTorch stacks the gates reset, update, new; ONNX's GRU stacks update, reset, new. */
function layoutOf(form: Form, name: string): Layout {
  if (form === 'single' && isOfGru(name)) return 'gates swapped';
  return isVector(name) ? 'as it is' : 'transposed';
}

const isOfGru = (name: string): boolean => name.startsWith('lstm.');

/** A tensor of every network as one constant: [network, in, out], or [network, 1, size] of a vector. */
export function stacked(networks: readonly Network[], name: string): Constant {
  const parts = networks.map(({ tensors }) => laid('fleet', name, tensors.get(name)));
  const size = parts[0]?.data.length ?? 0;
  const data = new Float32Array(size * parts.length);
  parts.forEach((part, index) => data.set(part.data, index * size));
  return { shape: [parts.length, ...(parts[0]?.shape ?? [])], data };
}

/** A tensor of one network: [in, out] or [1, size], and what ONNX's GRU takes as it takes it. */
export function alone({ tensors }: Network, name: string): Constant {
  const { shape, data } = laid('single', name, tensors.get(name));
  return { shape: isOfGru(name) && !isVector(name) ? [1, ...shape] : shape, data };
}

/** The tensors of one network again, from the constants of a graph. */
export function tensorsHeld(form: Form, constants: ReadonlyMap<string, Constant>, index: number): TensorSource {
  const shapeOf = (name: string): readonly number[] | undefined => {
    const [rows, columns] = constants.get(name)?.shape.slice(-2) ?? [];
    if (rows === undefined || columns === undefined) return undefined;
    if (isVector(name)) return [columns];
    return layoutOf(form, name) === 'transposed' ? [columns, rows] : [rows, columns];
  };
  return {
    shapeOf,
    tensor: (name, shape) => {
      expectShape(name, shape, shapeOf(name));
      const held = constants.get(name)?.data;
      const size = sizeOf(shape);
      const part = new Float32Array(size);
      if (held instanceof Float32Array) part.set(held.subarray(index * size, (index + 1) * size));
      const layout = layoutOf(form, name);
      if (layout === 'as it is') return { shape, data: part };
      const [rows = 0, columns = 0] = shape;
      return { shape, data: layout === 'transposed' ? transposed(part, columns, rows) : gatesSwapped(part) };
    },
  };
}

function laid(form: Form, name: string, tensor: Tensor | undefined): { shape: readonly number[]; data: Float32Array } {
  const { shape, data } = tensor ?? { shape: [], data: [] };
  const numbers = Float32Array.from(data);
  const [rows = 0, columns = 0] = isVector(name) ? [1, ...shape] : shape;
  const layout = layoutOf(form, name);
  if (layout === 'transposed') return { shape: [columns, rows], data: transposed(numbers, rows, columns) };
  return { shape: [rows, columns], data: layout === 'gates swapped' ? gatesSwapped(numbers) : numbers };
}

/** [rows, columns] as [columns, rows]. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return result;
}

/** The first two of three gates; doing it twice undoes it. */
function gatesSwapped(data: Float32Array): Float32Array {
  const gate = data.length / 3;
  const result = data.slice();
  result.set(data.subarray(gate, 2 * gate), 0);
  result.set(data.subarray(0, gate), gate);
  return result;
}
