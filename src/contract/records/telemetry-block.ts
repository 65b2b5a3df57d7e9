// Generated from schemas/telemetry-block.avsc by `npm run generate`; do not edit.

/** Consecutive samples of one entity in columns: the same as that many telemetry records, at a fraction of the cost. */
export interface TelemetryBlock {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that one model watches, as the fleet names it. */
  readonly entity: string;
  /** When each sample was measured, in UTC; as many as there are samples. */
  readonly timestamps: readonly number[];
  /** The source's own counter for each sample. An entity has it always or never. */
  readonly indices: null | readonly number[];
  /** Little-endian float32, sample after sample, in each the sensors in the order of the topology. */
  readonly values: Float32Array;
  /** For evaluation only: for each sample the kinds of anomaly that it belongs to. */
  readonly labels: null | readonly (readonly string[])[];
}
