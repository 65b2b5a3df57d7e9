// Generated from schemas/detector-state.avsc by `npm run generate`; do not edit.

/** The checkpoint of what watches one entity, written in one transaction with the anomalies that it led to. */
export interface DetectorState {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that is watched. */
  readonly entity: string;
  /** The highest index judged; -1 where only quiet data was learned. */
  readonly last_index: number;
  /** What each rule knows of each sensor; the first byte is the version of its layout. */
  readonly state: Uint8Array;
  /** The anomaly that is not closed yet. */
  readonly open: null | OpenAnomaly;
}

export interface OpenAnomaly {
  /** As in the anomaly. */
  readonly id: string;
  /** As in the anomaly. */
  readonly begin_index: number;
  /** As in the anomaly. */
  readonly begin_time: number;
  /** As in the anomaly. */
  readonly end_index: number;
  /** As in the anomaly. */
  readonly end_time: number;
  /** As in the anomaly. */
  readonly rules: readonly string[];
  /** As in the anomaly. */
  readonly peak_severity: number;
  /** As in the anomaly. */
  readonly peak_index: number;
  /** As in the anomaly. */
  readonly peak_time: number;
  /** As in the anomaly. */
  readonly sentence: string;
  /** As in the anomaly. */
  readonly sensors: readonly PeakShare[];
  /** As in the anomaly. */
  readonly model: string;
  /** As in the anomaly. */
  readonly model_version: string;
  /** As in the anomaly. */
  readonly weights: string;
  /** As in the anomaly. */
  readonly first_offset: number;
  /** Rows since the last alarm. */
  readonly quiet: number;
  /** Rows since the last record of it. */
  readonly untold: number;
  /** Whether a rule alarmed since then. */
  readonly news: boolean;
  /** Of the rules that alarmed since the last record of it or, where none did, before it. */
  readonly severities: readonly OpenSeverity[];
}

export interface PeakShare {
  /** As in the anomaly. */
  readonly sensor: string;
  /** As in the anomaly. */
  readonly share: number;
}

export interface OpenSeverity {
  /** As in the anomaly. */
  readonly rule: string;
  /** As in the anomaly. */
  readonly severity: number;
  /** As in the anomaly. */
  readonly time: number;
}
