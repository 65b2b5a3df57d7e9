export type { Declaration, Feeding, ToSink } from './declaration.ts';
export type { Answer, Inference, Question, Run, RunAnswer, Scored, Sequences, Tensor, Tensors } from './inference.ts';
export type {
  EntityModel,
  ForecastModel,
  JobModel,
  ModelMetadata,
  PlainModel,
  ReconstructionModel,
  Scale,
} from './model.ts';
export type { Records, SchemaName } from './records/schemas.ts';
export type { Row, TableName, Tables } from './row.ts';
export type { Metric, Series, SeriesBlock } from './series.ts';
export type { ValueOf } from './settings.ts';
export type {
  Batch,
  Definition,
  FleetEntity,
  Incoming,
  Lane,
  Outcome,
  Ports,
  Rejection,
  Sent,
  Stage,
} from './stage.ts';
