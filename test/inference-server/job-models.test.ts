import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForecastModel, ReconstructionModel } from '../../src/contract/index.ts';
import type { InferRequest, Parameter } from '../../src/kserve/infer.ts';
import { forecastInput } from '../../src/stages/predict/forecast.ts';
import { windowsOf } from '../../src/stages/predict/reconstruct.ts';
import { apart, forecastCases, forecasters, reconstructionCases } from '../support/series-golden.ts';
import { serve, type Served } from './served.ts';

const repository = join(import.meta.dirname, '..', '..', 'model_repository');
const models = [...forecasters, 'vae_timeseries'];

/** A request for one series, and what is to be answered: the last numbers, because padding comes first. */
interface Asked {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly golden: Readonly<Record<string, readonly number[]>>;
}

const window = { kind: '', weights: '', least: 8, most: 512, window: 128 };
const forecast: ForecastModel = { ...window, task: 'forecast', horizon: 64, quantiles: [0.1, 0.5, 0.9] };
const reconstruct: ReconstructionModel = { ...window, task: 'reconstruct', threshold: 4, pointThreshold: 2 };

function askedOf(model: string): readonly Asked[] {
  const forecaster = forecasters.find((name) => name === model);
  if (forecaster !== undefined) {
    return forecastCases(forecaster).map(({ data, quantiles_64x3: quantiles }) => {
      const { input, mask, trend } = forecastInput(data, forecast);
      return { inputs: { input, mask, trend }, golden: { quantiles } };
    });
  }
  return reconstructionCases().flatMap(({ data, tiles }) =>
    windowsOf(data, reconstruct).map(({ input, mask }, at) => {
      const { reconstruction = [], score = [], anomaly_score = NaN } = tiles[at] ?? {};
      return { inputs: { input, mask }, golden: { reconstruction, score, anomaly_score: [anomaly_score] } };
    }),
  );
}

function requestOf(model: string, { inputs }: Asked): InferRequest {
  const parameters = new Map<string, Parameter>();
  return {
    model,
    version: '',
    id: '',
    parameters,
    inputs: Object.entries(inputs).map(([name, { length }]) => {
      return { name, datatype: 'FP32', shape: [1, length], parameters };
    }),
    outputs: [],
    raw: Object.values(inputs).map((data) => new Uint8Array(data.buffer)),
  };
}

async function answered({ channel }: Served, model: string, asked: Asked): Promise<Record<string, Float32Array>> {
  const { outputs } = await channel.infer(requestOf(model, asked), 10_000);
  return Object.fromEntries(
    outputs.map(({ name, bytes }) => [name, new Float32Array(Uint8Array.from(bytes).buffer)] as const),
  );
}

/** The largest batch that the server has run of the model. */
async function largestBatch({ channel }: Served, name: string): Promise<number> {
  const { model_stats: stats } = await channel.call('ModelStatistics', { name }, 5_000);
  const [{ batch_stats: batches = [] } = {}] = stats as { batch_stats?: { batch_size: bigint | number | string }[] }[];
  return Math.max(...batches.map(({ batch_size: size }) => Number(size)));
}

describe('a server that was told to serve nothing yet', () => {
  let folder: string;
  let served: Served;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'downlink-models-'));
    served = await serve({}, { repository: folder, control: 'explicit' });
  });
  afterAll(async () => {
    await served.end();
    rmSync(folder, { recursive: true });
  });

  test.each(models)('loads %s, which came while it ran, and answers many series in one batch', async (model) => {
    const { channel } = served;
    const load = () => channel.call('RepositoryModelLoad', { model_name: model }, 10_000);
    await expect(load()).rejects.toThrow('failed to poll from model repository');
    cpSync(join(repository, model), join(folder, model), { recursive: true });
    await load();
    expect(served.warnings.filter((text) => text.includes('is not heeded'))).toEqual([]);

    const asked = askedOf(model);
    const together = await Promise.all(asked.map((one) => answered(served, model, one)));
    expect(await largestBatch(served, model)).toBeGreaterThan(1);
    for (const [at, one] of asked.entries()) {
      for (const [name, golden] of Object.entries(one.golden)) {
        const answer = together[at]?.[name] ?? new Float32Array();
        expect(apart(answer.slice(answer.length - golden.length), golden)).toBeLessThanOrEqual(1e-5);
      }
      expect(await answered(served, model, one)).toEqual(together[at]);
    }
  });
});
