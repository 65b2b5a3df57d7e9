// Generated from schemas/job-result.avsc by `npm run generate`; do not edit.

/** What became of a job: the only record of its id in the topic. */
export interface JobResult {
  /** Of the job. */
  readonly id: string;
  /** As in the job. */
  readonly owner: string;
  /** As in the job. */
  readonly model: string;
  /** The version that answered; null where none did. */
  readonly model_version: null | string;
  /** Failed: the model will not answer this, however often it is asked. */
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** Why it failed. */
  readonly detail: null | string;
  /** Of a forecast the medians, step after step; of a reconstruction the series as the model would have it; else the model's numbers. */
  readonly predictions: readonly number[];
  /** Of a forecast the lower quantile of each step. */
  readonly lower: readonly number[];
  /** Of a forecast the upper quantile of each step. */
  readonly upper: readonly number[];
  /** Of a reconstruction the score of each point. */
  readonly scores: readonly number[];
  /** Of a reconstruction the largest score. */
  readonly anomaly_score: null | number;
  /** Of a reconstruction whether that is above the model's threshold. */
  readonly anomaly_detected: null | boolean;
  /** As in the job. */
  readonly submitted_at: number;
  /** How long the inference server took, its queue included; 0 where it was not asked. */
  readonly inference_ms: number;
  /** How many jobs it was asked with in one call; 0 where it was not. */
  readonly batch_size: number;
}
