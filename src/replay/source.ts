/** Consecutive samples, row after row. */
export interface Rows {
  readonly values: Float32Array;
  /** Of each row the kinds of anomaly that it belongs to; null where nothing is known. */
  readonly labels: readonly (readonly string[])[] | null;
}

/** The telemetry of one entity, to be had again and again, always the same. */
export interface Source {
  /** Where it comes from, for whoever has to mend it. */
  readonly from: string;
  readonly columns: number;
  /** Infinity: it never ends. */
  readonly rows: number;
  /** Rows are asked for in order; fewer come only at the end. */
  read(from: number, count: number): Promise<Rows>;
  close(): Promise<void>;
}
