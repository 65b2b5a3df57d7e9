import type { Json, JsonNumber } from './json-text.ts';

export const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type PrimitiveName = (typeof primitives)[number];

/** Attributes that Avro gives no meaning to; they are kept, in their order, and make a schema another schema. */
export type Props = ReadonlyMap<string, Json>;

export interface Primitive {
  readonly type: PrimitiveName;
  readonly props: Props;
}

export interface ArraySchema {
  readonly type: 'array';
  readonly items: Schema;
  readonly props: Props;
}

export interface MapSchema {
  readonly type: 'map';
  readonly values: Schema;
  readonly props: Props;
}

export interface UnionSchema {
  readonly type: 'union';
  readonly branches: readonly Schema[];
}

/** A name with its namespace apart; the namespace '' is none. */
export interface Name {
  readonly space: string;
  readonly name: string;
}

interface Named {
  readonly name: Name;
  readonly aliases: readonly Name[];
  readonly doc: string | undefined;
  readonly props: Props;
}

export interface FixedSchema extends Named {
  readonly type: 'fixed';
  readonly size: JsonNumber;
}

export interface EnumSchema extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}

export type SortOrder = 'ascending' | 'descending' | 'ignore';

export interface Field {
  readonly name: string;
  readonly type: Schema;
  readonly doc: string | undefined;
  /** Absent is `undefined`; a default of null is `null`. */
  readonly default: Json | undefined;
  readonly order: SortOrder;
  readonly aliases: readonly string[];
  readonly props: Props;
}

/** A recursive schema holds itself: every use of a name is the same object as its definition. */
export interface RecordSchema extends Named {
  readonly type: 'record' | 'error';
  readonly fields: readonly Field[];
}

export type NamedSchema = FixedSchema | EnumSchema | RecordSchema;
export type Schema = Primitive | ArraySchema | MapSchema | UnionSchema | NamedSchema;

export const fullName = ({ space, name }: Name): string => (space === '' ? name : `${space}.${name}`);
export const isNamed = (schema: Schema): schema is NamedSchema => 'name' in schema;
export const isPrimitiveName = (text: string): text is PrimitiveName =>
  (primitives as readonly string[]).includes(text);
