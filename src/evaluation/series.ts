/** Rows that belong together, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
  /** Of a label: what kind of anomaly it is said to be. */
  readonly kind?: string;
}

/** One entity as it is judged: its rows are 0 to rows - 1, and each array has a place for each of them. */
export interface Series {
  readonly entity: string;
  readonly rows: number;
  /** Each is an event of its own, also where they lie over each other. None: nothing was labelled, or nothing is anomalous. */
  readonly labels: readonly Span[];
  /** Not 0 where the detector flags. A row that was never seen is not flagged. */
  readonly flags: Uint8Array;
  /** What the EWMA rule and the pictures look at; not finite where nothing was seen. */
  readonly telemetry?: Float32Array;
  /** The quiet telemetry from before, which the EWMA rule learns from. */
  readonly training?: Float32Array;
  /** 1 where an alarm begins; for the pictures only. */
  readonly severity?: Float64Array;
}

/** Flags of each of several series, in their order. */
export type Flags = readonly Uint8Array[];
