import type { EntityModel, FleetEntity, ModelMetadata, Records } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { orderOf, type Order } from './order.ts';

type EntityState = Records['entity-state'];

/** What does not change about an entity while a lane is open. */
export interface Scoring {
  readonly key: string;
  readonly entity: FleetEntity;
  readonly model: EntityModel;
  readonly sensors: number;
  readonly threshold: number;
}

/** What its samples have led to so far. */
export interface Progress {
  readonly state: Float32Array;
  readonly steps: number;
  readonly order: Order | undefined;
  readonly lastTimestamp: number;
  /** Undefined before the first sample. */
  readonly numbered: boolean | undefined;
  readonly warmingLeft: number;
  readonly sequence: string;
}

export function scoringOf(key: string, entity: FleetEntity, metadata: ModelMetadata): Scoring {
  const model = metadata.entities[entity.name];
  const { sensors } = metadata;
  if (model === undefined)
    throw new DownlinkError('model-unusable', `${entity.model} has no weights for entity ${entity.name} (${key})`);
  if (entity.sensors.length !== sensors)
    throw new DownlinkError(
      'model-unusable',
      `${entity.model} takes ${sensors} sensors, and the topology gives ${key} ${entity.sensors.length}`,
    );
  return { key, entity, model, sensors, threshold: entity.threshold ?? model.threshold };
}

/** Goes on from a checkpoint; under other weights a state is worth nothing, but no sample is scored twice. */
export function progressFrom(
  restored: EntityState | undefined,
  { model }: Scoring,
  metadata: ModelMetadata,
  warmingSamples: number,
): Progress {
  const initial = new Float32Array(metadata.state.reduce((product, length) => product * length, 1));
  if (restored === undefined)
    return {
      state: initial,
      steps: 0,
      order: undefined,
      lastTimestamp: 0,
      numbered: undefined,
      warmingLeft: warmingSamples,
      sequence: '',
    };
  const same = restored.weights === model.weights;
  return {
    state: same ? restored.state : initial,
    steps: same ? restored.steps : 0,
    order: orderOf(restored),
    lastTimestamp: restored.last_timestamp,
    numbered: restored.indexed_by_source,
    warmingLeft: same ? restored.warming_left : warmingSamples,
    sequence: restored.correlation_id,
  };
}

export const checkpointOf = ({ entity, model }: Scoring, progress: Progress, sourceOffset: number): EntityState => ({
  satellite_id: entity.satellite,
  entity: entity.name,
  model: entity.model,
  weights: model.weights,
  state: progress.state,
  steps: progress.steps,
  last_index: progress.order?.last ?? 0,
  last_timestamp: progress.lastTimestamp,
  seen: progress.order?.seen ?? Buffer.alloc(32),
  indexed_by_source: progress.numbered ?? false,
  warming_left: progress.warmingLeft,
  correlation_id: progress.sequence,
  source_offset: sourceOffset,
});
