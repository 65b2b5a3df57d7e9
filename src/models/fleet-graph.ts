import { head, withSpareRow, firstRows, type Vector, type Weights } from './head.ts';
import type { Network } from './network.ts';
import { openGraph, type Graph } from './onnx/graph.ts';
import { sequenceGraph } from './sequence-graph.ts';
import { stacked } from './stored.ts';

/**
 * Many networks of the same sizes in one graph: each row's weights are gathered once a run, by the input `entity`. What does
 * not depend on the state is done for all samples at once, so that only the recurrence itself is a loop.
 */
export const fleetGraph = (networks: readonly [Network, ...Network[]]): Uint8Array =>
  sequenceGraph('fleet', networks[0], (graph, { values, state, samples, steps, entity }) => {
    const { hidden, recurrent, tensors } = networks[0];
    for (const name of tensors.keys()) graph.constant(name, stacked(networks, name));
    const weights = gatheredBy(graph, entity);

    const biases = weights.vectors(recurrent.flatMap((_, layer) => biasesOf(graph, layer, hidden)));
    const before = graph.nodes('Split', [state], recurrent.length, { axis: 1 });
    const after: string[] = [];
    let flow = values;
    recurrent.forEach((_, layer) => {
      const [gateBias = '', newBias = ''] = biases.slice(2 * layer);
      const product = graph.node('MatMul', [withSpareRow(graph, flow), weights.matrix(`lstm.weight_ih_l${layer}`)]);
      const fromInput = firstRows(graph, graph.node('Add', [product, gateBias]), steps);
      const gates = graph.nodes(
        'Split',
        [graph.node('Reshape', [fromInput, graph.integers(0, 0, 1, 3 * hidden)]), graph.integers(2 * hidden, hidden)],
        2,
        { axis: 3 },
      );
      const [last = '', all = ''] = graph.nodes('Scan', [before[layer] ?? '', ...gates], 2, {
        body: step(graph, layer, hidden, weights.matrix(`lstm.weight_hh_l${layer}`), newBias),
        num_scan_inputs: 2,
        scan_input_axes: [1, 1],
        scan_output_axes: [1],
      });
      after.push(last);
      flow = graph.node('Reshape', [all, graph.integers(0, 0, hidden)]);
    });
    const answer = head(graph, networks, weights, { values, samples, hidden: withSpareRow(graph, flow) });
    return { ...answer, state: graph.node('Concat', after, { axis: 1 }) };
  });

/** All vectors travel as one, because every gather costs as much as a small product. */
function gatheredBy(graph: Graph, entity: string): Weights {
  const matrix = (stored: string): string => graph.node('Gather', [stored, entity]);
  return {
    matrix,
    vectors: (vectors) => {
      const packed = graph.node(
        'Concat',
        vectors.map(({ stored }) => stored),
        { axis: -1 },
      );
      const sizes = graph.integers(...vectors.map(({ size }) => size));
      return graph.nodes('Split', [matrix(packed), sizes], vectors.length, { axis: -1 });
    },
  };
}

/** The two biases of the reset and update gates are one sum; those of the new state are not, for one of them is reset too. */
function biasesOf(graph: Graph, layer: number, hidden: number): readonly Vector[] {
  const stateBias = `lstm.bias_hh_l${layer}`;
  const gates = Float32Array.from({ length: 3 * hidden }, (_, row) => (row < 2 * hidden ? 1 : 0));
  const mask = graph.constant(`gates_l${layer}`, { shape: [3 * hidden], data: gates });
  const from = [graph.integers(2 * hidden), graph.integers(3 * hidden), graph.integers(-1)];
  return [
    { stored: graph.node('Add', [`lstm.bias_ih_l${layer}`, graph.node('Mul', [stateBias, mask])]), size: 3 * hidden },
    { stored: graph.node('Slice', [stateBias, ...from]), size: hidden },
  ];
}

/** One step of the recurrence, [N, 1, hidden] to [N, 1, hidden]: one row a product, whatever N is. */
function step(outer: Graph, layer: number, hidden: number, weight: string, newBias: string): Graph {
  const body = openGraph(`layer_${layer}`);
  const state = body.input(`before_${layer}`, 'FP32', ['N', 1, hidden]);
  const gatesOfInput = body.input(`gates_${layer}`, 'FP32', ['N', 1, 2 * hidden]);
  const newOfInput = body.input(`new_${layer}`, 'FP32', ['N', 1, hidden]);
  const sizes = outer.integers(2 * hidden, hidden);
  const product = body.node('MatMul', [state, weight]);
  const [gatesOfState = '', newOfState = ''] = body.nodes('Split', [product, sizes], 2, { axis: 2 });
  const gates = body.node('Sigmoid', [body.node('Add', [gatesOfInput, gatesOfState])]);
  const [reset = '', update = ''] = body.nodes('Split', [gates], 2, { axis: 2 });
  const kept = body.node('Mul', [reset, body.node('Add', [newOfState, newBias])]);
  const fresh = body.node('Tanh', [body.node('Add', [newOfInput, kept])]);
  const moved = body.node('Mul', [update, body.node('Sub', [state, fresh])]);
  const next = body.output(`after_${layer}`, 'FP32', ['N', 1, hidden], 'Add', [fresh, moved]);
  body.output(`all_${layer}`, 'FP32', ['N', 1, hidden], 'Identity', [next]);
  return body;
}
