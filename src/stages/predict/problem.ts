import type { JobModel } from '../../contract/index.ts';
import { sizeOfRow } from './plain.ts';

/** Sums of a series of larger ones would not be finite. */
const largest = 1e300;
const largestOfSingle = 3.4028234663852886e38;

/** Why a model cannot answer a job, however often it is asked; every reason, in words for whoever sent it. */
export function problemOf(data: readonly number[], steps: number | null, model: JobModel): string | undefined {
  const problems = [...ofLength(data.length, model), ...ofNumbers(data, model), ...ofSteps(steps, model)];
  return problems.length > 0 ? problems.join('; ') : undefined;
}

function* ofLength(count: number, model: JobModel): Iterable<string> {
  const { least, most } = model;
  const allowed = least === most ? `exactly ${least}` : `${least} to ${most}`;
  if (count < least || count > most) yield `data: ${allowed} numbers are needed, not ${count}`;
  else if (model.task === 'plain' && count % sizeOfRow(model) !== 0) {
    yield `data: ${count} numbers do not fill the model's shape [${model.shape.join(', ')}], which takes ${sizeOfRow(model)} at a time`;
  }
}

function* ofNumbers(data: readonly number[], model: JobModel): Iterable<string> {
  const isSingle = model.task === 'plain' && model.datatype === 'FP32';
  const limit = isSingle ? largestOfSingle : largest;
  const infinite = data.findIndex((number) => !Number.isFinite(number));
  if (infinite >= 0) yield `data[${infinite}]: ${data[infinite]} is no finite number`;
  const large = data.findIndex((number) => Number.isFinite(number) && Math.abs(number) > limit);
  if (large >= 0) yield `data[${large}]: ${data[large]} is too large: the model takes up to ${limit.toPrecision(2)}`;
}

function* ofSteps(steps: number | null, model: JobModel): Iterable<string> {
  if (model.task !== 'forecast') return;
  const fits = steps !== null && Number.isInteger(steps) && steps >= 1 && steps <= model.horizon;
  if (!fits) yield `forecast_steps: a whole number from 1 to ${model.horizon} is needed, not ${steps ?? 'nothing'}`;
}
