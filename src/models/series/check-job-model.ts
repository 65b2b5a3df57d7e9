import { forecastInput } from '../../stages/predict/forecast.ts';
import { windowsOf } from '../../stages/predict/reconstruct.ts';
import { refused } from '../refused.ts';
import type { StoredJobModel } from '../repository.ts';
import { telemetryLike } from '../telemetry-like.ts';
import { withOnnx } from '../with-onnx.ts';
import { distance } from './distance.ts';
import type { JobGolden } from './job-golden.ts';
import { hashOf } from './job-model-files.ts';
import { plainTensors } from './plain-model.ts';
import { tryPlain } from './plain-trial.ts';
import { runSeries, type SeriesRow } from './run-series.ts';

export interface JobAgreement {
  /** How many were asked about. */
  readonly series: number;
  /** How far the answers lie from the golden ones, where there are any. */
  readonly difference?: number;
  readonly agrees: boolean;
}

/** What float32 may lie away from float64, as a part of the number or, of numbers below 1, of 1. */
export const jobTolerance = 1e-5;

/** The file is the one that metadata.json names, and answers made-up series of many lengths with numbers of the right shapes. */
export async function checkJobModel(stored: StoredJobModel): Promise<JobAgreement> {
  const { name, metadata, file } = stored;
  if (hashOf(file) !== metadata.weights) {
    throw refused(`model ${name}: model.onnx is not the file that metadata.json names`);
  }
  return withOnnx(file, async (onnx) => {
    if (metadata.task === 'plain') {
      const tensors = plainTensors(onnx, metadata.output);
      await tryPlain(onnx, tensors);
      if (tensors.input.name !== metadata.input || tensors.input.dims.join() !== metadata.shape.join()) {
        throw refused(`model ${name}: the input is not the one that metadata.json names`);
      }
      return { series: 2, agrees: true };
    }
    const { least, most } = metadata;
    const lengths = [least, least + 1, metadata.window - 1, metadata.window, metadata.window + 1, most];
    const rows = lengths.flatMap((length, seed) => rowsOf(stored, [...telemetryLike(length, 1, seed)]));
    const sizes: Readonly<Record<string, number>> =
      metadata.task === 'forecast'
        ? { quantiles: 3 * metadata.horizon }
        : { reconstruction: metadata.window, score: metadata.window, anomaly_score: 1 };
    for (const answer of await runSeries(onnx, rows)) {
      for (const [output, size] of Object.entries(sizes)) {
        const numbers = answer[output];
        if (numbers?.length === size && numbers.every(Number.isFinite)) continue;
        throw refused(`model ${name}: ${output} is not ${size} finite numbers of each series`);
      }
    }
    return { series: lengths.length, agrees: true };
  });
}

/** Every case of the golden file, all in one batch and each alone: what goes in by our own arithmetic, and what comes out. */
export async function checkJobGolden(stored: StoredJobModel, { cases }: JobGolden): Promise<JobAgreement> {
  return withOnnx(stored.file, async (onnx) => {
    const runs = cases.flatMap(({ name, data, runs }) => {
      const rows = rowsOf(stored, data);
      if (rows.length !== runs.length) throw refused(`${name}: ${rows.length} windows, and ${runs.length} golden ones`);
      return rows.map((row, at) => ({ row, golden: runs[at] }));
    });
    const together = await runSeries(
      onnx,
      runs.map(({ row }) => row),
    );
    const distances: number[] = [];
    for (const [at, { row, golden }] of runs.entries()) {
      const [alone] = await runSeries(onnx, [row]);
      for (const answer of [alone, together[at]]) {
        const all = { ...row, ...answer };
        for (const [name, numbers] of Object.entries(golden ?? {})) {
          // Padding comes first, and golden files leave it out.
          distances.push(distance(all[name]?.slice(-numbers.length) ?? [], numbers));
        }
      }
    }
    const difference = Math.max(...distances);
    // Not the other way round: what cannot be compared is NaN, and does not agree.
    return { series: cases.length, difference, agrees: cases.length > 0 && difference <= jobTolerance };
  });
}

function rowsOf({ name, metadata }: StoredJobModel, data: readonly number[]): readonly SeriesRow[] {
  if (metadata.task === 'reconstruct') return windowsOf(data, metadata).map(({ input, mask }) => ({ input, mask }));
  if (metadata.task === 'plain') throw refused(`model ${name} is of no kind that a golden file is of`);
  const { input, mask, trend } = forecastInput(data, metadata);
  return [{ input, mask, trend }];
}
