import type { Graph } from '../onnx/graph.ts';

/**
 * Inputs side by side, and below them one row of zeros: ONNX Runtime has another kernel for products of a single row, with
 * other bits, and a job's answer must not depend on which others come with it.
 */
export const rowsOf = (graph: Graph, inputs: readonly string[]): string =>
  graph.node('Pad', [graph.node('Concat', inputs, { axis: 1 }), graph.integers(0, 0, 1, 0), graph.scalar(0)]);

/** From one place of an axis up to another. */
export const sliced = (graph: Graph, flow: string, from: number, to: number, axis = 1): string =>
  graph.node('Slice', [flow, graph.integers(from), graph.integers(to), graph.integers(axis)]);

/** An output without the row that was put below. */
export function answer(graph: Graph, name: string, flow: string, sizes: readonly number[]): void {
  const [from, to, axis] = [graph.integers(0), graph.integers(-1), graph.integers(0)];
  graph.output(name, 'FP32', ['batch', ...sizes], 'Slice', [flow, from, to, axis]);
}
