import type { TensorSource } from '../checkpoint/tensor.ts';
import type { Graph } from '../onnx/graph.ts';
import { forecastGraph, forecastSizes, tokensOf, trends } from './forecast-graph.ts';
import { counted, matrixSizes, sliced, wholePart, type Layers } from './layers.ts';

interface Sizes {
  /** How many tokens there are, past and future. */
  readonly tokens: number;
  readonly width: number;
  readonly heads: number;
}

/** What is added to the weight of a token that holds nothing, so that nobody looks at it. */
const shutOut = 1e4;

/** An encoder over the tokens of the past and as many of the future as there are to be told. */
export function transformerGraph(
  source: TensorSource,
  bend: number,
  { deep, heads }: { readonly deep: number; readonly heads: number },
): Uint8Array {
  const { window, horizon } = forecastSizes(source);
  const [width, ins] = matrixSizes(source, 'embed.weight');
  const [tokens] = matrixSizes(source, 'pos');
  const patch = wholePart('embed.weight', ins, 2);
  const past = wholePart('embed.weight', window, patch);
  const told = wholePart('pos', 3 * horizon, tokens - past);

  return forecastGraph('transformer', source, bend, (graph, layers, given) => {
    const cut = tokensOf(graph, given, past, patch);
    const places = layers.constant('pos', [tokens, width]);
    const trend = layers.dense(given.trend, 'trend', trends, width);
    const everywhere = graph.node('Unsqueeze', [trend, graph.integers(1)]);
    const before = graph.node('Add', [
      layers.dense(cut.tokens, 'embed', ins, width),
      sliced(graph, places, 0, past, 0),
    ]);
    const after = sliced(graph, places, past, tokens, 0);
    const both = [before, after].map((part) => graph.node('Add', [part, everywhere]));
    let flow = graph.node('Concat', both, { axis: 1 });

    const bias = biasOf(graph, cut.masks, patch, tokens - past);
    for (const block of counted(source, deep, (block) => `blocks.${block}.fc1.weight`)) {
      const name = `blocks.${block}`;
      const [inner] = matrixSizes(source, `${name}.fc1.weight`);
      const seen = attention(graph, layers, name, { tokens, width, heads }, flow, bias);
      flow = graph.node('Add', [flow, seen]);
      const normed = layers.norm(flow, `${name}.norm2`, width);
      const wide = layers.gelu(layers.dense(normed, `${name}.fc1`, width, inner));
      flow = graph.node('Add', [flow, layers.dense(wide, `${name}.fc2`, inner, width)]);
    }
    const future = layers.norm(sliced(graph, flow, past, tokens), 'norm', width);
    return graph.node('Reshape', [layers.dense(future, 'head', width, told), graph.integers(-1, 3 * horizon)]);
  });
}

/** [B, 1, 1, tokens], added to what each token asks of each: a token whose last step is not real holds nothing. */
function biasOf(graph: Graph, masks: string, patch: number, future: number): string {
  const lasts = graph.node('Squeeze', [sliced(graph, masks, patch - 1, patch, 2), graph.integers(2)]);
  const ofPast = graph.node('Mul', [graph.node('Sub', [lasts, graph.scalar(1)]), graph.scalar(shutOut)]);
  const ofAll = graph.node('Pad', [ofPast, graph.integers(0, 0, 0, future), graph.scalar(0)]);
  return graph.node('Unsqueeze', [ofAll, graph.integers(1, 2)]);
}

function attention(
  graph: Graph,
  layers: Layers,
  block: string,
  { tokens, width, heads }: Sizes,
  flow: string,
  bias: string,
): string {
  const size = wholePart(`${block}.q.weight`, width, heads);
  const normed = layers.norm(flow, `${block}.norm1`, width);
  const split = (part: string, perm: readonly number[]): string => {
    const dense = layers.dense(normed, `${block}.${part}`, width, width);
    return graph.node('Transpose', [graph.node('Reshape', [dense, graph.integers(-1, tokens, heads, size)])], { perm });
  };
  const [query, key, value] = [split('q', [0, 2, 1, 3]), split('k', [0, 2, 3, 1]), split('v', [0, 2, 1, 3])];
  const asked = graph.node('Div', [graph.node('MatMul', [query, key]), graph.scalar(Math.sqrt(size))]);
  const weights = graph.node('Softmax', [graph.node('Add', [asked, bias])]);
  const seen = graph.node('Transpose', [graph.node('MatMul', [weights, value])], { perm: [0, 2, 1, 3] });
  return layers.dense(graph.node('Reshape', [seen, graph.integers(-1, tokens, width)]), `${block}.o`, width, width);
}
