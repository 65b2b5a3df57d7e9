export type { Declaration } from './declaration.ts';
export type { Records, SchemaName } from './records/schemas.ts';
export type { SchemaLog, SchemaLogEntry, SchemaLogKey, SchemaReference, StoredSchema } from './schema-log.ts';
export type { Pattern, Rule, Shape, ValueOf } from './settings.ts';
