import type { TensorSource } from '../checkpoint/tensor.ts';
import type { Graph } from '../onnx/graph.ts';
import { refused } from '../refused.ts';
import { transposed } from '../stored.ts';

/** The layers that the networks for series are made of; each takes its tensors by PyTorch's names. */
export interface Layers {
  /** `flow` [.., ins] to [.., outs], without a bias. */
  readonly product: (flow: string, name: string, ins: number, outs: number) => string;
  readonly dense: (flow: string, name: string, ins: number, outs: number) => string;
  /** Over the last axis; ONNX's epsilon is PyTorch's. */
  readonly norm: (flow: string, name: string, size: number) => string;
  readonly gelu: (flow: string) => string;
  /** A tensor as a constant of this shape, its numbers as `lay` puts them. */
  readonly constant: (name: string, shape: readonly number[], lay?: Lay) => string;
}

interface Lay {
  readonly shape: readonly number[];
  readonly data: (trained: Float32Array) => Float32Array;
}

export function openLayers(graph: Graph, source: TensorSource): Layers {
  const constant: Layers['constant'] = (name, shape, lay = { shape, data: (trained) => trained }) => {
    const trained = Float32Array.from(source.tensor(name, shape).data);
    if (!trained.every(Number.isFinite)) throw refused(`tensor ${name}: holds a number that is not finite`);
    return graph.constant(name, { shape: lay.shape, data: lay.data(trained) });
  };
  const product: Layers['product'] = (flow, name, ins, outs) => {
    const turned: Lay = { shape: [ins, outs], data: (trained) => transposed(trained, outs, ins) };
    return graph.node('MatMul', [flow, constant(name, [outs, ins], turned)]);
  };
  return {
    constant,
    product,
    dense: (flow, name, ins, outs) =>
      graph.node('Add', [product(flow, `${name}.weight`, ins, outs), constant(`${name}.bias`, [outs])]),
    norm: (flow, name, size) =>
      graph.node('LayerNormalization', [flow, constant(`${name}.weight`, [size]), constant(`${name}.bias`, [size])]),
    gelu: (flow) => {
      const curve = graph.node('Erf', [graph.node('Div', [flow, graph.scalar(Math.SQRT2)])]);
      const share = graph.node('Add', [curve, graph.scalar(1)]);
      return graph.node('Mul', [graph.node('Mul', [flow, share]), graph.scalar(0.5)]);
    },
  };
}

/** From one place of an axis up to another. */
export const sliced = (graph: Graph, flow: string, from: number, to: number, axis = 1): string =>
  graph.node('Slice', [flow, graph.integers(from), graph.integers(to), graph.integers(axis)]);

/** The sizes of a matrix that must be there: [out, in], as PyTorch has them. */
export function matrixSizes(source: TensorSource, name: string): readonly [outs: number, ins: number] {
  const [outs, ins, ...more] = source.shapeOf(name) ?? [];
  if (outs === undefined || ins === undefined || more.length > 0) throw refused(`tensor ${name}: expected a matrix`);
  return [outs, ins];
}

/** One whole size from another, as of parts that are equally long. */
export function wholePart(name: string, size: number, parts: number): number {
  if (parts < 1 || size < parts || !Number.isInteger(size / parts))
    throw refused(`tensor ${name}: ${size} cannot be divided by ${parts}`);
  return size / parts;
}

/** As many layers as meta.json says; each has a tensor of this name, and there are no more. */
export function counted(source: TensorSource, layers: number, nameOf: (layer: number) => string): readonly number[] {
  const said = `meta.json says that there are ${layers} such layers`;
  if (source.shapeOf(nameOf(layers)) !== undefined) throw refused(`tensor ${nameOf(layers)}: ${said}`);
  if (source.shapeOf(nameOf(layers - 1)) === undefined)
    throw refused(`tensor ${nameOf(layers - 1)}: expected: ${said}`);
  return Array.from({ length: layers }, (_, layer) => layer);
}
