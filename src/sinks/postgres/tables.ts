import type { TableName, Tables } from '../../contract/index.ts';
import type { CellType } from './cells.ts';

export interface Table<T extends TableName = TableName> {
  readonly columns: { readonly [C in keyof Tables[T]]: CellType };
  /** What is the same row, however often it comes. */
  readonly identity: readonly (keyof Tables[T] & string)[];
  /** Of rows of one batch with the same identity. */
  readonly keeps: 'first' | 'last';
  /** By which the table is partitioned, or old rows are deleted; without one the rows are no table's. */
  readonly time?: keyof Tables[T] & string;
  readonly partitioned?: true;
}

type All = { readonly [T in TableName]: Table<T> };

export const tables: All = {
  jobs: {
    columns: {
      id: 'text',
      owner: 'text',
      model: 'text',
      data: 'doubles',
      forecast_steps: 'integer',
      submitted_at: 'time',
      retry_of: 'text',
    },
    identity: ['id'],
    keeps: 'first',
    time: 'submitted_at',
    partitioned: true,
  },
  job_cancels: {
    columns: { id: 'text', owner: 'text', cancelled_at: 'time' },
    identity: ['id', 'owner'],
    keeps: 'first',
  },
  inference_results: {
    columns: {
      id: 'text',
      owner: 'text',
      model: 'text',
      model_version: 'text',
      status: 'text',
      detail: 'text',
      predictions: 'doubles',
      lower: 'doubles',
      upper: 'doubles',
      scores: 'doubles',
      anomaly_score: 'double',
      anomaly_detected: 'flag',
      submitted_at: 'time',
      completed_at: 'time',
      inference_ms: 'double',
      queue_ms: 'double',
      total_ms: 'double',
      batch_size: 'integer',
    },
    identity: ['id'],
    keeps: 'first',
    time: 'completed_at',
    partitioned: true,
  },
  scores: {
    columns: {
      satellite_id: 'text',
      entity: 'text',
      sample_index: 'bigint',
      measured_at: 'time',
      score: 'real',
      threshold: 'double',
      detected: 'flag',
      warming: 'flag',
      gap: 'flag',
      model: 'text',
      model_version: 'text',
      weights: 'text',
    },
    identity: ['satellite_id', 'entity', 'sample_index', 'measured_at'],
    keeps: 'last',
    time: 'measured_at',
    partitioned: true,
  },
  anomalies: {
    columns: {
      id: 'text',
      satellite_id: 'text',
      entity: 'text',
      phase: 'text',
      begin_index: 'bigint',
      begin_time: 'time',
      end_index: 'bigint',
      end_time: 'time',
      rules: 'texts',
      severity: 'double',
      peak_severity: 'double',
      peak_index: 'bigint',
      peak_time: 'time',
      sentence: 'text',
      sensors: 'texts',
      shares: 'doubles',
      model: 'text',
      model_version: 'text',
      weights: 'text',
      source_topic: 'text',
      source_partition: 'integer',
      first_offset: 'bigint',
      last_offset: 'bigint',
    },
    identity: ['id'],
    keeps: 'last',
    time: 'end_time',
  },
  dead_letters: {
    columns: {
      topic: 'text',
      partition: 'integer',
      record_offset: 'bigint',
      recorded_at: 'time',
      code: 'text',
      phase: 'text',
      stage: 'text',
      origin_topic: 'text',
      origin_partition: 'integer',
      origin_offset: 'bigint',
      samples: 'text',
      detail: 'text',
      key: 'text',
      value: 'bytes',
    },
    identity: ['topic', 'partition', 'record_offset', 'recorded_at'],
    keeps: 'last',
    time: 'recorded_at',
    partitioned: true,
  },
};
