// Generated from schemas/samples.avsc by `npm run generate`; do not edit.

/** Accepted samples of one entity in the order of arrival, in columns. Ingest and batch both write it; one record holds one sample or more. */
export interface Samples {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that one model watches, as the fleet names it. */
  readonly entity: string;
  /** When each sample was measured, in UTC; as many as there are samples. */
  readonly timestamps: readonly number[];
  /** The source's own counter for each sample; null where the source has none and infer numbers them. */
  readonly indices: null | readonly number[];
  /** Raw values: little-endian float32, sample after sample, in each the sensors in the order of the topology. */
  readonly values: Float32Array;
}
