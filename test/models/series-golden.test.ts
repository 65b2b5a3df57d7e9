/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOnnx } from '../../src/embedded/inference-server/onnx.ts';
import { isJobModel, readAnyModel, type StoredJobModel } from '../../src/models/repository.ts';
import { checkJobGolden, checkJobModel, jobTolerance } from '../../src/models/series/check-job-model.ts';
import { readJobGolden, type JobGolden } from '../../src/models/series/job-golden.ts';
import { runSeries, type SeriesRow } from '../../src/models/series/run-series.ts';
import { forecastInput } from '../../src/stages/predict/forecast.ts';
import { windowsOf } from '../../src/stages/predict/reconstruct.ts';
import { seeded } from '../support/random.ts';
import { seriesGoldenFile } from '../support/series-golden.ts';
import { repository } from './repository.ts';
import { downlink } from './run-downlink.ts';

function stored(name: string): StoredJobModel {
  const model = readAnyModel(repository, name);
  if (!isJobModel(model)) throw new Error(`${name} is no job model`);
  return model;
}

function goldenOf(name: string): JobGolden {
  const golden = readJobGolden(seriesGoldenFile(name));
  if (golden === undefined) throw new Error(`no golden file of ${name}`);
  return golden;
}

function rowsOf({ metadata }: StoredJobModel, { cases }: JobGolden): readonly SeriesRow[] {
  return cases.flatMap(({ data }): readonly SeriesRow[] => {
    if (metadata.task === 'reconstruct') return windowsOf(data, metadata).map(({ input, mask }) => ({ input, mask }));
    if (metadata.task === 'plain') return [];
    const { input, mask, trend } = forecastInput(data, metadata);
    return [{ input, mask, trend }];
  });
}

describe.each(['lstm_timeseries', 'transformer_timeseries', 'vae_timeseries'])('%s', (name) => {
  const model = stored(name);
  const golden = goldenOf(name);

  it('answers every golden case as training did, alone and all in one batch', async () => {
    const { series, difference, agrees } = await checkJobGolden(model, golden);
    expect({ series, agrees }).toEqual({ series: golden.cases.length, agrees: true });
    expect(difference).toBeLessThanOrEqual(jobTolerance);
    expect(difference).toBeGreaterThan(0);
  });

  it('does not agree with golden numbers that are a little off', async () => {
    for (const output of Object.keys(golden.cases[0]?.runs[0] ?? {})) {
      const cases = golden.cases.map((one) => ({
        ...one,
        runs: one.runs.map((run) => ({ ...run, [output]: run[output]?.map((number) => number + 1e-4) ?? [] })),
      }));
      expect([output, (await checkJobGolden(model, { ...golden, cases })).agrees]).toEqual([output, false]);
    }
  });

  it('answers a series with the same bits whichever others are in the batch', async () => {
    const onnx = await openOnnx(model.file);
    const rows = rowsOf(model, golden);
    const alone = await Promise.all(rows.map(async (row) => (await runSeries(onnx, [row]))[0]));
    const random = seeded(7);
    for (const count of [2, 3, 5, 8, 17, 33, 64]) {
      const chosen = Array.from({ length: count }, () => Math.floor(random() * rows.length));
      const answers = await runSeries(
        onnx,
        chosen.map((at) => rows[at] ?? {}),
      );
      for (const [place, at] of chosen.entries()) expect(answers[place]).toEqual(alone[at]);
    }
    await onnx.close();
  });

  it('answers made-up series of every length with numbers', async () => {
    expect(await checkJobModel(model)).toEqual({ series: 6, agrees: true });
  });
});

describe('downlink model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'models-'));
    for (const name of ['lstm_timeseries', 'vae_timeseries', 'smap_A-1']) {
      cpSync(join(repository, name), join(folder, name), { recursive: true });
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (): readonly string[] => ['--repository', folder];

  it('lists and shows models of both sorts', async () => {
    const { out } = await downlink('model', 'ls', ...at());
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
      ['model', 'kind', 'form', 'scores', 'sensors'],
      ['lstm_timeseries', 'lstm', 'forecast', 'series of 8 to 512', '-'],
      ['smap_A-1', 'omnianomaly', 'single', 'A-1', '25'],
      ['vae_timeseries', 'vae', 'reconstruct', 'series of 8 to 512', '-'],
      [''],
      [`3 models in ${folder}`],
      [''],
    ]);
    expect((await downlink('model', 'show', 'lstm_timeseries', ...at())).out).toMatch(
      /forecasts +1 to 64 steps, quantiles 0\.1, 0\.5, 0\.9\n/,
    );
    expect((await downlink('model', 'show', 'vae_timeseries', ...at())).out).toMatch(
      /detected +a series above 4\.445973, a point above 2\.477825\n/,
    );
  });

  it('checks models of both sorts, each against its golden file', async () => {
    const { code, out, err } = await downlink(
      ...['model', 'check', ...at(), '--golden', seriesGoldenFile('vae_timeseries')],
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual(
      expect.arrayContaining([
        ['smap_A-1', 'float64', '1'],
        ['lstm_timeseries', 'itself', '6'],
        ['vae_timeseries', 'golden', '9'],
      ]),
    );
  });

  it('finds a file that is not the one that metadata.json names', async () => {
    const file = join(folder, 'lstm_timeseries', '1', 'model.onnx');
    writeFileSync(file, readFileSync(join(repository, 'transformer_timeseries', '1', 'model.onnx')));
    const { code, err } = await downlink('model', 'check', 'lstm_timeseries', ...at());
    expect([code, err]).toEqual([1, 'model lstm_timeseries: model.onnx is not the file that metadata.json names\n']);
  });

  it('says which golden file it had no use for', async () => {
    const golden = ['--golden', seriesGoldenFile('transformer_timeseries')];
    const { code, err } = await downlink('model', 'check', 'vae_timeseries', ...at(), ...golden);
    expect([code, err]).toEqual([1, 'golden transformer_timeseries: no model that was checked is called so\n']);
  });
});
