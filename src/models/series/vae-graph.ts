import type { TensorSource } from '../checkpoint/tensor.ts';
import { modelFile, openGraph, type Graph } from '../onnx/graph.ts';
import { matrixSizes, openLayers, sliced } from './layers.ts';

/** What the checkpoint does not hold. */
export interface VaeLimits {
  /** How far from the middle the encoder looks. */
  readonly clip: number;
  readonly leastLogSigma: number;
  readonly mostLogSigma: number;
  /** How much a series that is hard to reconstruct is forgiven. */
  readonly gamma: number;
}

export const vaeWindow = (source: TensorSource): number => matrixSizes(source, 'out_mean.weight')[0];

/** To the latent mean and back, without sampling; `logvar` is for training only, and not in the file. */
export function vaeGraph(source: TensorSource, { clip, leastLogSigma, mostLogSigma, gamma }: VaeLimits): Uint8Array {
  const window = vaeWindow(source);
  const graph = openGraph('vae');
  const layers = openLayers(graph, source);
  const input = graph.input('input', 'FP32', ['batch', window]);
  const mask = graph.input('mask', 'FP32', ['batch', window]);
  const clipped = graph.node('Clip', [input, graph.scalar(-clip), graph.scalar(clip)]);

  let flow = graph.node('Concat', [clipped, mask], { axis: 1 });
  let width = 2 * window;
  const dense = (name: string): string => {
    const [outs] = matrixSizes(source, `${name}.weight`);
    const result = layers.dense(flow, name, width, outs);
    width = outs;
    return result;
  };
  for (const name of ['enc1', 'enc2']) flow = layers.gelu(dense(name));
  flow = dense('mu');
  for (const name of ['dec1', 'dec2']) flow = layers.gelu(dense(name));
  const [mean, spread] = ['out_mean', 'out_logsigma'].map((name) => layers.dense(flow, name, width, window));
  const logSigma = graph.node('Clip', [spread ?? '', graph.scalar(leastLogSigma), graph.scalar(mostLogSigma)]);

  const series = ['batch', window];
  const reconstruction = graph.output('reconstruction', 'FP32', series, 'Mul', [mean ?? '', mask]);
  const ones = graph.constant('ones', { shape: [window, 2], data: new Float32Array(2 * window).fill(1) });
  const real = graph.node('Max', [sumOf(graph, ones, mask), graph.scalar(1)]);
  const hardness = graph.node('Div', [sumOf(graph, ones, graph.node('Mul', [logSigma, mask])), real]);
  const forgiven = graph.node('Exp', [graph.node('Mul', [hardness, graph.scalar(-gamma)])]);
  const distance = graph.node('Abs', [graph.node('Sub', [input, reconstruction])]);
  const raised = graph.node('Mul', [distance, forgiven]);
  const score = graph.output('score', 'FP32', series, 'Mul', [raised, mask]);
  const most = graph.node('ReduceMax', [score], { axes: [1], keepdims: 1 });
  graph.output('anomaly_score', 'FP32', ['batch', 1], 'Identity', [most]);
  return modelFile(graph);
}

/**
 * [B, window] to [B, 1]. The sum as a product, because the bits of ReduceSum depend on the batch; with two columns, because
 * one has its own kernel.
 */
const sumOf = (graph: Graph, ones: string, flow: string): string =>
  sliced(graph, graph.node('MatMul', [flow, ones]), 0, 1);
