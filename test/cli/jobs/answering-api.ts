import type { ApiParts } from '../../../src/api/parts.ts';
import type { Records } from '../../../src/contract/index.ts';
import { apiUnderTest, type ApiUnderTest } from '../../support/api.ts';

type Job = Records['job'];

/** What stands in for the stage: what it says of a job; undefined: nothing, ever. */
export type Answering = (job: Job, number: number) => Partial<Records['job-result']> | undefined;

export interface AnsweringApi extends ApiUnderTest {
  /** All that were taken. */
  readonly jobs: readonly Job[];
  /** What the stage says of one, later. */
  finish(job: Job, said: Partial<Records['job-result']>): void;
}

/** An API whose jobs are answered as soon as they are written. */
export async function answeringApi(
  answer: Answering = wellAnswered,
  more: Partial<ApiParts> = {},
): Promise<AnsweringApi> {
  const jobs: Job[] = [];
  const api: ApiUnderTest = await apiUnderTest({
    log: {
      append: (entry) => {
        if (!('data' in entry)) return Promise.resolve();
        const said = answer(entry, jobs.length);
        jobs.push(entry);
        if (said !== undefined) setTimeout(() => finish(entry, said), 2);
        return Promise.resolve();
      },
    },
    ...more,
  });
  const finish = ({ id, owner, model, submitted_at }: Job, said: Partial<Records['job-result']>): void =>
    api.feed({ ...nothing, id, owner, model, submitted_at, status: 'completed', ...said });
  return { ...api, jobs, finish };
}

const nothing = {
  model_version: '1',
  detail: null,
  predictions: [],
  lower: [],
  upper: [],
  scores: [],
  anomaly_score: null,
  anomaly_detected: null,
  inference_ms: 1,
  batch_size: 1,
};

/** As the models would: a forecast within its interval, or a score for each number. */
export function wellAnswered({ model, data, forecast_steps }: Job): Partial<Records['job-result']> {
  if (model === 'vae')
    return { predictions: data, scores: data.map(() => 0.5), anomaly_score: 0.5, anomaly_detected: false };
  const predictions = Array.from({ length: forecast_steps ?? 0 }, (_, step) => 1 + step);
  return { predictions, lower: predictions.map((at) => at - 1), upper: predictions.map((at) => at + 1) };
}
