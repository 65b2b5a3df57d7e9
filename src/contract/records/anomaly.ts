// Generated from schemas/anomaly.avsc by `npm run generate`; do not edit.

/** A phase of an anomaly: rows of one entity that belong together because the rules that watch it alarmed. The last record of an id says all that the earlier ones said. */
export interface Anomaly {
  /** Entity, rules that watch, and first index: the same however often it is found. */
  readonly id: string;
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that is watched. */
  readonly entity: string;
  /** Opened once with the first alarm, updated at most every 100 rows, closed once after 100 rows without an alarm. */
  readonly phase: 'opened' | 'updated' | 'closed';
  /** The index of the first row in which a rule alarmed. */
  readonly begin_index: number;
  /** When that was measured. */
  readonly begin_time: number;
  /** The index of the last row so far in which a rule alarmed. */
  readonly end_index: number;
  /** When that was measured. */
  readonly end_time: number;
  /** The rules that alarmed so far. */
  readonly rules: readonly string[];
  /** Now; 1 where an alarm begins, 0 where no rule alarms. */
  readonly severity: number;
  /** The largest so far. */
  readonly peak_severity: number;
  /** The index of the row in which it was. */
  readonly peak_index: number;
  /** When that was measured. */
  readonly peak_time: number;
  /** What the rule says that was the most severe, at its peak. */
  readonly sentence: string;
  /** The sensors by their share of the model's error in the row of the peak, the largest first; none below a hundredth. */
  readonly sensors: readonly SensorShare[];
  /** The model that scored the first row. */
  readonly model: string;
  /** The version of it. */
  readonly model_version: string;
  /** SHA-256 of the entity's weights, in hexadecimal. */
  readonly weights: string;
  /** Where the scores lie of which it was made. */
  readonly topic: string;
  /** The partition of that topic. */
  readonly partition: number;
  /** The record with the first row. */
  readonly first_offset: number;
  /** The record with the last row that it was judged by. */
  readonly last_offset: number;
  /** What the rules knew just before the record with the first row: from there all of it can be computed again. With `opened` only. */
  readonly state_before: null | Uint8Array;
  /** When the row was measured with which this is told; null in records from before that was said. */
  readonly told_time: null | number;
  /** What each rule saw since the record before. Empty in records from before that was said. */
  readonly severities: readonly RuleSeverity[];
}

export interface SensorShare {
  /** As the topology names it. */
  readonly sensor: string;
  /** Of the model's squared error in the row of the peak, 0 to 1. */
  readonly share: number;
}

export interface RuleSeverity {
  /** One of those that alarmed so far. */
  readonly rule: string;
  /** Its largest since the record before; 0 where it did not alarm since. */
  readonly severity: number;
  /** When that was measured; where it is 0, the time of what is told. */
  readonly time: number;
}
