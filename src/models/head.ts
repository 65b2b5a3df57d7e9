import type { Network } from './network.ts';
import type { Graph } from './onnx/graph.ts';

/** What a constant of the graph is for each row: that constant where there is one network, else what the row's entity chooses. */
export interface Weights {
  /** [in, out] */
  readonly matrix: (stored: string) => string;
  /** [1, size] */
  readonly vectors: (stored: readonly Vector[]) => readonly string[];
}

export interface Vector {
  readonly stored: string;
  readonly size: number;
}

/** One row more, so that a product never has just one: ONNX Runtime has another kernel for that, with other bits. */
export const withSpareRow = (graph: Graph, rows: string): string =>
  graph.node('Pad', [rows, graph.integers(0, 0, 0, 0, 1, 0), graph.scalar(0)]);

export const firstRows = (graph: Graph, rows: string, count: string): string =>
  graph.node('Slice', [rows, graph.integers(0), count, graph.integers(1)]);

/**
 * Encoder, decoder and score, for all samples at once: hidden states [N, more than T, hidden] to reconstruction [N, T, sensors] and
 * score [N, T]. Nothing lies between the latent mean and the decoder's first layer, so the two layers are one product; it is
 * of constants only, and made when the file is loaded.
 */
export function head(
  graph: Graph,
  networks: readonly [Network, ...Network[]],
  weights: Weights,
  { values, samples, hidden }: { values: string; samples: string; hidden: string },
): { reconstruction: string; score: string } {
  const { latent, sensors, encoder, decoder } = networks[0];
  const widths = [encoder[0], encoder[1], ...decoder].map(({ bias }) => bias.data.length);
  const meanOf = (stored: string): string =>
    graph.node('Slice', [stored, graph.integers(0), graph.integers(latent), graph.integers(-1)]);
  const toDecoder = graph.node('MatMul', [meanOf('encoder.5.weight'), 'decoder.0.weight']);
  const bridged = graph.node('MatMul', [meanOf('encoder.5.bias'), 'decoder.0.weight']);
  const bridgeBias = graph.node('Add', [bridged, 'decoder.0.bias']);

  const matrices = ['encoder.0.weight', 'encoder.2.weight', toDecoder, 'decoder.2.weight', 'decoder.4.weight'];
  const biases = ['encoder.0.bias', 'encoder.2.bias', bridgeBias, 'decoder.2.bias', 'decoder.4.bias'];
  const slopeNames = ['encoder.1.weight', 'encoder.3.weight', 'decoder.1.weight', 'decoder.3.weight'];
  const vectors = weights.vectors([
    ...biases.map((stored, layer) => ({ stored, size: widths[layer] ?? 0 })),
    ...slopeNames.map((stored) => ({ stored, size: 1 })),
  ]);
  const gentle = networks.every(({ slopes }) => slopes.every(({ data }) => (data[0] ?? 0) <= 1));

  let flow = hidden;
  matrices.forEach((matrix, layer) => {
    const [bias, slope] = [vectors[layer] ?? '', vectors[biases.length + layer]];
    flow = graph.node('Add', [graph.node('MatMul', [flow, weights.matrix(matrix)]), bias]);
    if (slope === undefined) flow = graph.node('Sigmoid', [flow]);
    else if (gentle) flow = graph.node('Max', [flow, graph.node('Mul', [flow, slope])]);
    else flow = graph.node('PRelu', [flow, slope]);
  });

  const reconstruction = firstRows(graph, flow, samples);
  const error = graph.node('Sub', [values, reconstruction]);
  const squares = withSpareRow(graph, graph.node('Mul', [error, error]));
  // The mean as a product, because ReduceMean's bits depend on the batch; with two columns, because one has its own kernel.
  const share = graph.constant('mean', { shape: [sensors, 2], data: new Float32Array(sensors * 2).fill(1 / sensors) });
  const first = graph.constant('first', { shape: [], data: BigInt64Array.of(0n) });
  const means = graph.node('Gather', [graph.node('MatMul', [squares, share]), first], { axis: 2 });
  return { reconstruction, score: firstRows(graph, means, samples) };
}
