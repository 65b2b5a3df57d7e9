import type { TensorSource } from '../checkpoint/tensor.ts';
import type { Graph } from '../onnx/graph.ts';
import { forecastGraph, forecastSizes, tokensOf, trends } from './forecast-graph.ts';
import { counted, matrixSizes, wholePart, type Layers } from './layers.ts';

const gates = 4;
/** PyTorch stacks the gates in, forget, cell, out; ONNX's LSTM stacks in, out, forget, cell. */
const order = [0, 3, 1, 2];

/** An LSTM over the tokens of a window; its last state and the trend go through two layers. */
export function lstmGraph(source: TensorSource, bend: number, deep: number): Uint8Array {
  const { window, horizon } = forecastSizes(source);
  const [rows, width] = matrixSizes(source, 'lstm.weight_ih_l0');
  const patch = wholePart('lstm.weight_ih_l0', width, 2);
  const hidden = wholePart('lstm.weight_ih_l0', rows, gates);
  const [outer, last] = [matrixSizes(source, 'fc1.weight')[0], 3 * horizon];

  return forecastGraph('lstm', source, bend, (graph, layers, given) => {
    const count = wholePart('lstm.weight_ih_l0', window, patch);
    const { tokens } = tokensOf(graph, given, count, patch);
    // ONNX's LSTM wants time first.
    let flow = graph.node('Transpose', [tokens], { perm: [1, 0, 2] });
    let state = '';
    for (const layer of counted(source, deep, (layer) => `lstm.weight_ih_l${layer}`)) {
      const ins = layer === 0 ? width : hidden;
      const [all = '', end = ''] = graph.nodes('LSTM', [flow, ...weights(graph, layers, layer, ins, hidden)], 2, {
        hidden_size: hidden,
      });
      flow = graph.node('Squeeze', [all, graph.integers(1)]);
      state = end;
    }
    const ended = layers.norm(graph.node('Squeeze', [state, graph.integers(0)]), 'norm', hidden);
    const joined = graph.node('Concat', [ended, given.trend], { axis: 1 });
    const inner = layers.gelu(layers.dense(joined, 'fc1', hidden + trends, outer));
    return layers.dense(inner, 'fc2', outer, last);
  });
}

function weights(
  graph: Graph,
  layers: Layers,
  layer: number,
  ins: number,
  hidden: number,
): readonly [input: string, state: string, bias: string] {
  const rows = gates * hidden;
  const matrix = (name: string, columns: number): string =>
    layers.constant(`lstm.${name}_l${layer}`, [rows, columns], { shape: [1, rows, columns], data: reordered });
  const bias = (name: string): string =>
    layers.constant(`lstm.${name}_l${layer}`, [rows], { shape: [1, rows], data: reordered });
  return [
    matrix('weight_ih', ins),
    matrix('weight_hh', hidden),
    graph.node('Concat', [bias('bias_ih'), bias('bias_hh')], { axis: 1 }),
  ];
}

function reordered(trained: Float32Array): Float32Array {
  const size = trained.length / gates;
  const result = new Float32Array(trained.length);
  order.forEach((from, to) => result.set(trained.subarray(from * size, (from + 1) * size), to * size));
  return result;
}
