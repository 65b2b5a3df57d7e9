import type { Records } from '../../contract/index.ts';

type JobResult = Records['job-result'];

/** What became of a job that no model answered. */
export const ended = (
  { id, owner, model, submitted_at }: Records['job'],
  status: 'failed' | 'cancelled',
  detail?: string,
): JobResult => ({
  id,
  owner,
  model,
  model_version: null,
  status,
  detail: detail ?? null,
  predictions: [],
  lower: [],
  upper: [],
  scores: [],
  anomaly_score: null,
  anomaly_detected: null,
  submitted_at,
  inference_ms: 0,
  batch_size: 0,
});
