import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { ForecastModel, ReconstructionModel } from '../../contract/model.ts';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TensorSource } from '../checkpoint/tensor.ts';
import { about, numberOf, objectOf, readMeta } from '../meta.ts';
import { refused } from '../refused.ts';
import { forecastSizes, trends } from './forecast-graph.ts';
import type { JobTensor } from './job-config.ts';
import type { NewJobModel } from './job-model-files.ts';
import { lstmGraph } from './lstm-graph.ts';
import { transformerGraph } from './transformer-graph.ts';
import { vaeGraph, vaeWindow } from './vae-graph.ts';

export const seriesKinds = ['lstm', 'transformer', 'vae'] as const;
export type SeriesKind = (typeof seriesKinds)[number];

export const isSeriesKind = (kind: string): kind is SeriesKind => seriesKinds.some((known) => known === kind);

/** How many numbers the training saw of a series, at least and at most. */
const lengths = { least: 8, most: 512 };

type Meta = Readonly<Record<string, unknown>>;

/** A checkpoint, with the `meta.json` that lies beside it, as a model called like the folder. */
export function readTrainedSeries(checkpoint: string, kind: SeriesKind): { name: string; model: NewJobModel } {
  const folder = dirname(resolve(checkpoint));
  const source = about(checkpoint, () => readCheckpoint(readFileSync(checkpoint)));
  const model = readMeta(folder, (meta) => (kind === 'vae' ? vae(source, meta) : forecaster(kind, source, meta)));
  return { name: basename(folder), model };
}

function forecaster(kind: 'lstm' | 'transformer', source: TensorSource, meta: Meta): NewJobModel {
  const { window, horizon } = forecastSizes(source);
  const [bend, deep] = [settingOf(meta, 'asinh_c'), settingOf(meta, 'layers')];
  const quantiles = quantilesOf(meta['quantiles']);
  return {
    file:
      kind === 'lstm'
        ? lstmGraph(source, bend, deep)
        : transformerGraph(source, bend, { deep, heads: settingOf(meta, 'heads') }),
    inputs: [floats('input', window), floats('mask', window), floats('trend', trends)],
    outputs: [floats('quantiles', horizon, quantiles.length)],
    metadata: (weights): ForecastModel => ({
      kind,
      task: 'forecast',
      weights,
      ...lengths,
      window,
      horizon,
      quantiles,
    }),
  };
}

function vae(source: TensorSource, meta: Meta): NewJobModel {
  const window = vaeWindow(source);
  const thresholds = objectOf('thresholds', meta['thresholds']);
  const [threshold, pointThreshold] = [
    numberOf('thresholds.series', thresholds['series']),
    numberOf('thresholds.point', thresholds['point']),
  ];
  const limits = {
    clip: settingOf(meta, 'clip'),
    leastLogSigma: settingOf(meta, 'log_sigma_min'),
    mostLogSigma: settingOf(meta, 'log_sigma_max'),
    gamma: settingOf(meta, 'gamma'),
  };
  return {
    file: vaeGraph(source, limits),
    inputs: [floats('input', window), floats('mask', window)],
    outputs: [floats('reconstruction', window), floats('score', window), floats('anomaly_score', 1)],
    metadata: (weights): ReconstructionModel => ({
      kind: 'vae',
      task: 'reconstruct',
      weights,
      ...lengths,
      window,
      threshold,
      pointThreshold,
    }),
  };
}

const floats = (name: string, ...dims: readonly number[]): JobTensor => ({ name, datatype: 'FP32', dims });

const settingOf = (meta: Meta, name: string): number =>
  numberOf(`config.${name}`, objectOf('config', meta['config'])[name]);

function quantilesOf(value: unknown): readonly [number, number, number] {
  const [low, median, high, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  const quantiles = [low, median, high].map((quantile) => numberOf('quantiles', quantile));
  if (more.length > 0) throw refused('quantiles: expected three');
  return quantiles as unknown as readonly [number, number, number];
}
