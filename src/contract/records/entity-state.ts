// Generated from schemas/entity-state.avsc by `npm run generate`; do not edit.

/** The checkpoint of one entity, written in one transaction with the scores it belongs to: all that is needed to go on exactly there. */
export interface EntityState {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that the model watches. */
  readonly entity: string;
  /** The model's name in the model repository. */
  readonly model: string;
  /** SHA-256 of this entity's weights; a state is worth nothing under others. */
  readonly weights: string;
  /** The model's recurrent state after the last sample, little-endian float32. */
  readonly state: Float32Array;
  /** How many samples this state has seen since the initial one. */
  readonly steps: number;
  /** The highest index scored. */
  readonly last_index: number;
  /** The time of that sample. */
  readonly last_timestamp: number;
  /** Bit i (of byte i div 8, lowest first): last_index - i was scored. 256 bits, so that late and repeated samples are told apart. */
  readonly seen: Buffer;
  /** Whether the indices are the source's own; an entity never mixes both. */
  readonly indexed_by_source: boolean;
  /** How many samples are still to be marked as warming. */
  readonly warming_left: number;
  /** The sequence in the inference server that holds this state; a new owner ends it. */
  readonly correlation_id: string;
  /** The offset after the last record that this state contains. */
  readonly source_offset: number;
}
