/** UTC, in milliseconds. */
export type Time = number;

/** The tables of a program that keeps rows, with the columns that a stage fills. */
export interface Tables {
  readonly jobs: {
    readonly id: string;
    readonly owner: string;
    readonly model: string;
    readonly data: readonly number[];
    readonly forecast_steps: number | null;
    readonly submitted_at: Time;
    readonly retry_of: string | null;
  };
  /** No table of its own: it sets what stands in the job's row. */
  readonly job_cancels: {
    readonly id: string;
    readonly owner: string;
    readonly cancelled_at: Time;
  };
  readonly inference_results: {
    readonly id: string;
    readonly owner: string;
    readonly model: string;
    readonly model_version: string | null;
    readonly status: string;
    readonly detail: string | null;
    readonly predictions: readonly number[];
    readonly lower: readonly number[];
    readonly upper: readonly number[];
    readonly scores: readonly number[];
    readonly anomaly_score: number | null;
    readonly anomaly_detected: boolean | null;
    readonly submitted_at: Time;
    readonly completed_at: Time;
    readonly inference_ms: number;
    readonly queue_ms: number;
    readonly total_ms: number;
    readonly batch_size: number;
  };
  readonly scores: {
    readonly satellite_id: string;
    readonly entity: string;
    readonly sample_index: number;
    readonly measured_at: Time;
    readonly score: number;
    readonly threshold: number;
    readonly detected: boolean;
    readonly warming: boolean;
    readonly gap: boolean;
    readonly model: string;
    readonly model_version: string;
    readonly weights: string;
  };
  readonly anomalies: {
    readonly id: string;
    readonly satellite_id: string;
    readonly entity: string;
    readonly phase: string;
    readonly begin_index: number;
    readonly begin_time: Time;
    readonly end_index: number;
    readonly end_time: Time;
    readonly rules: readonly string[];
    readonly severity: number;
    readonly peak_severity: number;
    readonly peak_index: number;
    readonly peak_time: Time;
    readonly sentence: string;
    readonly sensors: readonly string[];
    readonly shares: readonly number[];
    readonly model: string;
    readonly model_version: string;
    readonly weights: string;
    readonly source_topic: string;
    readonly source_partition: number;
    readonly first_offset: number;
    readonly last_offset: number;
  };
  readonly dead_letters: {
    readonly topic: string;
    readonly partition: number;
    readonly record_offset: bigint;
    readonly recorded_at: Time;
    readonly code: string | null;
    readonly phase: string | null;
    readonly stage: string | null;
    readonly origin_topic: string | null;
    readonly origin_partition: number | null;
    readonly origin_offset: bigint | null;
    readonly samples: string | null;
    readonly detail: string | null;
    readonly key: string | null;
    readonly value: Uint8Array | null;
  };
}

export type TableName = keyof Tables;

/** One row for one of the tables. */
export type Row = { readonly [T in TableName]: { readonly table: T; readonly columns: Tables[T] } }[TableName];
