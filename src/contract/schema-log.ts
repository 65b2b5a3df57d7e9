/**
 * What a schema registry remembers, in the format of Confluent's `_schemas` topic: the key says what a record is about,
 * a later record with an equal key replaces the earlier one, a null value takes it away.
 */
export type SchemaLogKey =
  | { readonly keytype: 'SCHEMA'; readonly subject: string; readonly version: number; readonly magic: 1 }
  | { readonly keytype: 'CONFIG'; readonly subject: string | null; readonly magic: 0 }
  | { readonly keytype: 'MODE'; readonly subject: string | null; readonly magic: 0 }
  | { readonly keytype: 'DELETE_SUBJECT'; readonly subject: string; readonly magic: 0 }
  | { readonly keytype: 'NOOP'; readonly magic: 0 };

export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

export interface StoredSchema {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
  readonly deleted: boolean;
}

export interface SchemaLogEntry {
  readonly key: SchemaLogKey;
  readonly value:
    | StoredSchema
    | { readonly subject: string | null; readonly compatibilityLevel: string }
    | { readonly subject: string | null; readonly mode: string }
    | { readonly subject: string; readonly version: number }
    | null;
}

/** Where a registry keeps its state. An entry is durable when `append` has resolved; `read` gives all of them, oldest first. */
export interface SchemaLog {
  read(): Promise<readonly SchemaLogEntry[]>;
  append(entry: SchemaLogEntry): Promise<void>;
}
