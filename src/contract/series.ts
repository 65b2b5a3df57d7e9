/** What is measured, under the name that programs outside Kafka know it by. */
export interface Metric {
  readonly name: string;
  /** One sentence for whoever sees the name. */
  readonly about: string;
}

/** A time series of such a program. Made once and used again: who writes it may keep its text by it. */
export interface Series {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
}

/** Samples of several series at the same times, in columns. */
export interface SeriesBlock {
  readonly series: readonly Series[];
  /** UTC, in milliseconds. */
  readonly timestamps: readonly number[];
  /** Series after series, in each a number for each timestamp; one that is not finite is not there. */
  readonly numbers: Float32Array;
}
