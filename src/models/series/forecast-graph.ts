import type { TensorSource } from '../checkpoint/tensor.ts';
import { modelFile, openGraph, type Graph } from '../onnx/graph.ts';
import { matrixSizes, openLayers, wholePart, type Layers } from './layers.ts';

/** The sizes that both forecasters have. */
export interface ForecastSizes {
  readonly window: number;
  readonly horizon: number;
}

/** What the inside of a forecaster is given, by name. */
export interface Given {
  /** [B, window] */
  readonly input: string;
  readonly mask: string;
  /** [B, trends] */
  readonly trend: string;
}

export const trends = 2;
const quantiles = 3;

export function forecastSizes(source: TensorSource): ForecastSizes {
  const [outs, ins] = matrixSizes(source, 'skip.weight');
  return {
    window: wholePart('skip.weight', ins - trends, 2),
    horizon: wholePart('skip.weight', outs, quantiles),
  };
}

/**
 * The outside of both forecasters: what the inside makes of a series, [B, 3 x horizon], and what a linear layer makes of it
 * at once, are added up, and made quantiles that do not cross. `bend` is where they begin to grow faster than the numbers do.
 */
export function forecastGraph(
  name: string,
  source: TensorSource,
  bend: number,
  inside: (graph: Graph, layers: Layers, given: Given) => string,
): Uint8Array {
  const { window, horizon } = forecastSizes(source);
  const graph = openGraph(name);
  const layers = openLayers(graph, source);
  const given = {
    input: graph.input('input', 'FP32', ['batch', window]),
    mask: graph.input('mask', 'FP32', ['batch', window]),
    trend: graph.input('trend', 'FP32', ['batch', trends]),
  };
  const raw = inside(graph, layers, given);
  const all = graph.node('Concat', Object.values(given), { axis: 1 });
  const skipped = layers.product(all, 'skip.weight', 2 * window + trends, quantiles * horizon);
  const steps = graph.node('Reshape', [graph.node('Add', [raw, skipped]), graph.integers(-1, horizon, quantiles)]);
  const [below = '', median = '', above = ''] = graph.nodes('Split', [steps], quantiles, { axis: 2 });
  const lower = graph.node('Sub', [median, graph.node('Softplus', [below])]);
  const upper = graph.node('Add', [median, graph.node('Softplus', [above])]);
  const bent = graph.node('Div', [graph.node('Concat', [lower, median, upper], { axis: 2 }), graph.scalar(bend)]);
  // bend * sinh: by two exponentials, because not every runtime has Sinh.
  const grown = graph.node('Sub', [graph.node('Exp', [bent]), graph.node('Exp', [graph.node('Neg', [bent])])]);
  graph.output('quantiles', 'FP32', ['batch', horizon, quantiles], 'Mul', [grown, graph.scalar(bend / 2)]);
  return modelFile(graph);
}

/** A window cut into tokens: the values of some steps, and which of them are real. */
export function tokensOf(
  graph: Graph,
  { input, mask }: Given,
  tokens: number,
  patch: number,
): { readonly tokens: string; readonly masks: string } {
  const cut = (flow: string): string => graph.node('Reshape', [flow, graph.integers(-1, tokens, patch)]);
  const masks = cut(mask);
  return { tokens: graph.node('Concat', [cut(input), masks], { axis: 2 }), masks };
}
