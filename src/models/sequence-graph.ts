import { modelFile, openGraph, type Dims, type Graph } from './onnx/graph.ts';
import type { Network } from './network.ts';

/** What the part of a graph that scores is given, by name. */
export interface Inlets {
  /** [N, T, sensors] */
  readonly values: string;
  /** [N, layers, hidden]: the state before the first sample. */
  readonly state: string;
  /** [1]: how many samples there are; and the same, but at least one, for loops that cannot run no times. */
  readonly samples: string;
  readonly steps: string;
  /** [N], in the form `fleet` only: whose weights a row is scored with. */
  readonly entity: string;
}

/** And what it answers. */
export interface Outlets {
  /** [N, T, sensors] */
  readonly reconstruction: string;
  /** [N, T] */
  readonly score: string;
  /** [N, layers, hidden]: the state after the last step. */
  readonly state: string;
}

export type Form = 'single' | 'fleet';

/** How the state of a row is declared, in the graph and in `config.pbtxt`. */
export const stateDims = ({ recurrent, hidden }: Network): readonly [layers: number, hidden: number] => [
  recurrent.length,
  hidden,
];

const cast = { bool: 9 };

/**
 * The outside of every graph: a row is one sequence, which starts from `h_init` at START and else from what the inference
 * server kept. A row whose READY is 0 holds garbage (strategy `direct`), so nothing of it may reach a state or an index.
 * No samples at all are allowed and change nothing: loops over them abort the whole server process in ONNX Runtime, so a loop
 * takes a spare row instead, and what it makes of the state is not used.
 */
export function sequenceGraph(
  form: Form,
  network: Network,
  score: (graph: Graph, inlets: Inlets) => Outlets,
): Uint8Array {
  const graph = openGraph(form);
  const sensors = network.sensors;
  const stateShape: Dims = ['N', ...stateDims(network)];
  const values = graph.input('values', 'FP32', ['N', 'T', sensors]);
  const initial = graph.input('h_init', 'FP32', stateShape);
  const chosen = form === 'fleet' ? graph.input('entity', 'INT64', ['N', 1]) : '';
  const start = graph.node('Cast', [graph.input('START', 'FP32', ['N', 1])], { to: cast.bool });
  const ready = graph.node('Cast', [graph.input('READY', 'FP32', ['N', 1])], { to: cast.bool });
  const before = graph.input('h_prev', 'FP32', stateShape);
  const countBefore = graph.input('n_prev', 'INT64', ['N', 1]);
  const zero = graph.integers(0);
  const perRow = (flag: string): string => graph.node('Reshape', [flag, graph.integers(-1, 1, 1)]);

  const entity =
    form === 'fleet' ? graph.node('Reshape', [graph.node('Where', [ready, chosen, zero]), graph.integers(-1)]) : '';
  const state = graph.node('Where', [perRow(start), initial, before]);
  const samples = graph.node('Gather', [graph.node('Shape', [values]), graph.integers(1)]);
  const steps = graph.node('Max', [samples, graph.integers(1)]);
  const answer = score(graph, { values, state, samples, steps, entity });
  graph.output('reconstruction', 'FP32', ['N', 'T', sensors], 'Identity', [answer.reconstruction]);
  graph.output('score', 'FP32', ['N', 'T'], 'Identity', [answer.score]);

  const moved = graph.node('Where', [graph.node('Greater', [samples, zero]), answer.state, state]);
  const count = graph.node('Add', [graph.node('Where', [start, zero, countBefore]), samples]);
  // A state that is itself listed as an output fails in Triton for every request of a batch but the first: hence the copies.
  const next = graph.output('h_next', 'FP32', stateShape, 'Where', [perRow(ready), moved, before]);
  const countNext = graph.output('n_next', 'INT64', ['N', 1], 'Where', [ready, count, countBefore]);
  graph.output('h_out', 'FP32', stateShape, 'Identity', [next]);
  graph.output('n_out', 'INT64', ['N', 1], 'Identity', [countNext]);
  return modelFile(graph);
}
