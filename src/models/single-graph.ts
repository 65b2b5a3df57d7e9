import { head, withSpareRow, type Weights } from './head.ts';
import type { Network } from './network.ts';
import type { Graph } from './onnx/graph.ts';
import { sequenceGraph } from './sequence-graph.ts';
import { alone } from './stored.ts';

/** One network: the recurrence is ONNX's own GRU, which costs a quarter of a loop but has one set of weights for all rows. */
export const singleGraph = (network: Network): Uint8Array =>
  sequenceGraph('single', network, (graph, { values, state, samples, steps }) => {
    const { hidden, recurrent, tensors } = network;
    for (const name of tensors.keys()) graph.constant(name, alone(network, name));
    const weights: Weights = {
      matrix: (stored) => stored,
      vectors: (vectors) => vectors.map(({ stored }) => stored),
    };

    const rows = graph.node('Gather', [graph.node('Shape', [values]), graph.integers(0)]);
    const lengths = graph.node('Expand', [graph.node('Cast', [steps], { to: int32 }), rows]);
    const before = graph.nodes('Split', [turned(graph, state)], recurrent.length, { axis: 0 });
    const after: string[] = [];
    let flow = turned(graph, withSpareRow(graph, values));
    recurrent.forEach((_, layer) => {
      const bias = graph.node('Concat', [`lstm.bias_ih_l${layer}`, `lstm.bias_hh_l${layer}`], { axis: -1 });
      const weight = [`lstm.weight_ih_l${layer}`, `lstm.weight_hh_l${layer}`];
      const [all = '', last = ''] = graph.nodes('GRU', [flow, ...weight, bias, lengths, before[layer] ?? ''], 2, {
        hidden_size: hidden,
        linear_before_reset: 1,
      });
      after.push(last);
      flow = graph.node('Squeeze', [all, graph.integers(1)]);
    });
    const answer = head(graph, [network], weights, { values, samples, hidden: turned(graph, flow) });
    return { ...answer, state: turned(graph, graph.node('Concat', after, { axis: 0 })) };
  });

const int32 = 6;

/** [a, b, c] as [b, a, c]: ONNX's GRU wants time first. */
const turned = (graph: Graph, value: string): string => graph.node('Transpose', [value], { perm: [1, 0, 2] });
