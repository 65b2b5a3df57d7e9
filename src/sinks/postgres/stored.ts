/** A job as it is kept; times are in milliseconds. */
export interface StoredJob {
  readonly id: string;
  readonly owner: string;
  readonly model: string;
  readonly data: readonly number[];
  readonly forecastSteps: number | null;
  readonly submittedAt: number;
  readonly retryOf: string | null;
  readonly cancelledAt: number | null;
}

export interface StoredResult {
  readonly id: string;
  readonly owner: string;
  readonly model: string;
  readonly modelVersion: string | null;
  readonly status: string;
  readonly detail: string | null;
  readonly predictions: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly scores: readonly number[];
  readonly anomalyScore: number | null;
  readonly anomalyDetected: boolean | null;
  readonly submittedAt: number;
  readonly completedAt: number;
  readonly inferenceMs: number;
  readonly queueMs: number;
  readonly totalMs: number;
  readonly batchSize: number;
}

type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Tail>}`
  : S;

type TimeKey = 'submittedAt' | 'completedAt' | 'cancelledAt';

/** As pg hands it out: column names, and dates for times. */
type AsRow<T> = {
  readonly [K in keyof T & string as Snake<K>]: K extends TimeKey ? Date | Extract<T[K], null> : T[K];
};

export type JobRow = AsRow<StoredJob>;
export type ResultRow = AsRow<StoredResult>;

export const jobOf = (row: JobRow): StoredJob => ({
  id: row.id,
  owner: row.owner,
  model: row.model,
  data: row.data,
  forecastSteps: row.forecast_steps,
  submittedAt: row.submitted_at.getTime(),
  retryOf: row.retry_of,
  cancelledAt: row.cancelled_at?.getTime() ?? null,
});

export const resultOf = (row: ResultRow): StoredResult => ({
  id: row.id,
  owner: row.owner,
  model: row.model,
  modelVersion: row.model_version,
  status: row.status,
  detail: row.detail,
  predictions: row.predictions,
  lower: row.lower,
  upper: row.upper,
  scores: row.scores,
  anomalyScore: row.anomaly_score,
  anomalyDetected: row.anomaly_detected,
  submittedAt: row.submitted_at.getTime(),
  completedAt: row.completed_at.getTime(),
  inferenceMs: row.inference_ms,
  queueMs: row.queue_ms,
  totalMs: row.total_ms,
  batchSize: row.batch_size,
});
