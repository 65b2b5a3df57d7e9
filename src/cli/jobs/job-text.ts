import { aligned } from '../../pipeline/aligned.ts';
import { countOf } from '../count-of.ts';
import type { JobStatus, Result } from './answers.ts';
import { drawn, scaleOf } from './drawn.ts';

/** Of one job all that is known, what the model says drawn in a few lines. */
export function jobText(job: JobStatus, result: Result | undefined): string {
  const metrics = result?.metrics;
  const fields: readonly [name: string, value: string | number | null | undefined][] = [
    ['job', job.job_id],
    // One that was done between both questions is shown as done.
    ['status', result?.status ?? job.status],
    ['because', result?.detail],
    ['model', [job.model_name, result?.model_version ?? ''].join(' ').trim()],
    ['submitted', job.submitted_at],
    ['finished', result?.finished_at ?? job.finished_at],
    ['retry of', job.retry_of],
    ['total', metrics && `${ms(metrics.total_time)}, of it ${ms(metrics.inference_time)} at the inference server`],
    [
      'asked with',
      metrics && metrics.batch_size > 0 ? `${countOf(metrics.batch_size, 'job', 'jobs')} in one call` : undefined,
    ],
    ['anomaly', result && anomalyOf(result)],
  ];
  const told = fields.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, `${value}`]]));
  const picture = result === undefined ? [] : pictureOf(result);
  return `${[...aligned(told), ...(picture.length > 0 ? [''] : []), ...picture].join('\n')}\n`;
}

function anomalyOf({ anomaly_score: score, anomaly_detected: detected }: Result): string | null {
  if (score === null) return null;
  const judged = detected === null ? '' : detected ? ', which is one' : ', which is none';
  return `the largest score is ${short(score)}${judged}`;
}

/** A forecast and its interval on one scale; scores on their own. */
function pictureOf({ predictions, interval, scores }: Result): readonly string[] {
  if (predictions.length === 0) return [];
  const forecast = [
    ['upper', interval?.upper ?? []],
    ['prediction', predictions],
    ['lower', interval?.lower ?? []],
  ] as const;
  const together = forecast.filter(([, line]) => line.length > 0);
  const scale = scaleOf(together.map(([, line]) => line));
  const rows = together.map(([name, line]) => [name, drawn(line, scale), fromTo(line)]);
  const scored = scores === null ? [] : [['score', drawn(scores, scaleOf([scores])), fromTo(scores)]];
  const count = predictions.length;
  const head = interval === null ? `${count} numbers as the model expects them` : `a forecast of ${count} steps`;
  return [`${head}, from ${short(scale.least)} (▁) to ${short(scale.most)} (█)`, ...aligned([...rows, ...scored])];
}

const fromTo = (line: readonly number[]): string => `${short(line[0] ?? NaN)} .. ${short(line.at(-1) ?? NaN)}`;
const short = (value: number): string => String(Number(value.toPrecision(6)));
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
