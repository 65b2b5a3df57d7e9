// Generated from schemas/telemetry.avsc by `npm run generate`; do not edit.

/** One sample of one entity: what users publish. Key the Kafka record with satellite_id/entity. */
export interface Telemetry {
  /** The satellite, as the topology's fleet names it. */
  readonly satellite_id: string;
  /** The part of the satellite that one model watches, as the fleet names it. */
  readonly entity: string;
  /** When the values were measured, in UTC. */
  readonly timestamp: number;
  /** The source's own counter of this entity's samples, one more for each. With it a lost, repeated or late sample is noticed; without it samples are numbered as they arrive. An entity has it always or never. */
  readonly index: null | number;
  /** One value a sensor, in the order of the topology's sensors. */
  readonly values: readonly number[];
  /** What is known about this sample beforehand, for evaluation only: the kinds of anomaly that it belongs to; empty means known to be quiet. Never shown to a model. */
  readonly labels: null | readonly string[];
}
