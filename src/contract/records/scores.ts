// Generated from schemas/scores.avsc by `npm run generate`; do not edit.

/** The public result: scored samples of one entity in columns. Each accepted sample stands in exactly one record. */
export interface Scores {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that the model watches. */
  readonly entity: string;
  /** The model's name in the model repository. */
  readonly model: string;
  /** The version of it that answered. */
  readonly model_version: string;
  /** SHA-256 of this entity's weights, in hexadecimal: what makes two scores comparable. */
  readonly weights: string;
  /** The number of each sample within its entity, rising; as many as there are samples. */
  readonly indices: readonly number[];
  /** When each sample was measured, in UTC. */
  readonly timestamps: readonly number[];
  /** Raw values: little-endian float32, sample after sample, in each the sensors in the order of the topology. */
  readonly values: Float32Array;
  /** The values as the model saw them; same layout. */
  readonly normalised: Float32Array;
  /** What the model expected, normalised; same layout. */
  readonly reconstruction: Float32Array;
  /** One float32 a sample: the mean over the sensors of the squared difference of normalised and reconstruction. */
  readonly score: Float32Array;
  /** The score above which a sample counts as detected. */
  readonly threshold: number;
  /** For each sample whether its score passed the threshold; never while warming. */
  readonly detected: readonly boolean[];
  /** For each sample whether the model still lacks the history that its score needs. */
  readonly warming: readonly boolean[];
  /** For each sample whether samples are missing between it and the one before. */
  readonly gap: readonly boolean[];
}
