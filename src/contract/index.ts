export type { Declaration } from './declaration.ts';
export type { Records, SchemaName } from './records/schemas.ts';
export type { ValueOf } from './settings.ts';
export type { Batch, Definition, FleetEntity, Incoming, Lane, Outcome, Rejection, Sent, Stage } from './stage.ts';
