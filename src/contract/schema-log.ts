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
    // Of a NOOP, where Confluent's registry has null and looks at none: what compaction would forget.
    | { readonly highestId: number }
    | null;
}

/** Where a registry keeps its state. One at a time may append: the one that read last. */
export interface SchemaLog {
  /** All that is durable, oldest first. */
  read(): Promise<readonly SchemaLogEntry[]>;
  /** After a read. It is durable when this has resolved; where it fails, only what is read then says if it is there. */
  append(entry: SchemaLogEntry): Promise<void>;
}
