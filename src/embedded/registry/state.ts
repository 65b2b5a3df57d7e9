import { isLevel, type Level } from '../../avro/check-compatibility.ts';
import type { SchemaLogEntry, SchemaReference, StoredSchema } from '../../contract/schema-log.ts';
import { DownlinkError } from '../../errors.ts';

export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];
export const isMode = (text: string): text is Mode => (modes as readonly string[]).includes(text);

/** A subject, or null for what holds for all of them. */
export type Scope = string | null;

export interface State {
  /** By subject and version; versions that are deleted softly are in it, marked. */
  readonly subjects: ReadonlyMap<string, ReadonlyMap<number, StoredSchema>>;
  readonly levels: ReadonlyMap<Scope, Level>;
  readonly modes: ReadonlyMap<Scope, Mode>;
  /** An id is never given twice, not even when the schema that had it is gone. */
  readonly highestId: number;
}

export interface Fold extends State {
  readonly subjects: Map<string, Map<number, StoredSchema>>;
  readonly levels: Map<Scope, Level>;
  readonly modes: Map<Scope, Mode>;
  highestId: number;
}

export const emptyState = (): Fold => ({ subjects: new Map(), levels: new Map(), modes: new Map(), highestId: 0 });

/** The whole meaning of a log entry. */
export function apply(state: Fold, { key, value }: SchemaLogEntry): void {
  switch (key.keytype) {
    case 'SCHEMA':
      if (value === null) removeVersion(state, key.subject, key.version);
      else if ('schema' in value) putVersion(state, value);
      else unfit(key.keytype);
      return;
    case 'CONFIG':
      if (value === null) state.levels.delete(key.subject);
      else if ('compatibilityLevel' in value && isLevel(value.compatibilityLevel))
        state.levels.set(key.subject, value.compatibilityLevel);
      else unfit(key.keytype);
      return;
    case 'MODE':
      if (value === null) state.modes.delete(key.subject);
      else if ('mode' in value && isMode(value.mode)) state.modes.set(key.subject, value.mode);
      else unfit(key.keytype);
      return;
    case 'DELETE_SUBJECT':
      if (value === null) return;
      if (!('version' in value)) unfit(key.keytype);
      else softDeleteUpTo(state, key.subject, value.version);
      return;
    case 'NOOP':
      if (value !== null && 'highestId' in value) state.highestId = Math.max(state.highestId, value.highestId);
      return;
  }
}

function unfit(keytype: string): never {
  throw new DownlinkError('data-unusable', `a ${keytype} entry of the schema log has a value that does not fit it`);
}

function putVersion(state: Fold, schema: StoredSchema): void {
  const versions = state.subjects.get(schema.subject) ?? new Map<number, StoredSchema>();
  versions.set(schema.version, schema);
  state.subjects.set(schema.subject, versions);
  state.highestId = Math.max(state.highestId, schema.id);
}

function removeVersion(state: Fold, subject: string, version: number): void {
  const versions = state.subjects.get(subject);
  versions?.delete(version);
  if (versions?.size === 0) state.subjects.delete(subject);
}

function softDeleteUpTo(state: Fold, subject: string, last: number): void {
  const versions = state.subjects.get(subject);
  for (const [version, schema] of versions ?? [])
    if (version <= last) versions?.set(version, { ...schema, deleted: true });
  // Entries that take level and mode away follow in the log, but the process may die between.
  state.levels.delete(subject);
  state.modes.delete(subject);
}

export const levelOf = (state: State, subject: Scope): Level =>
  state.levels.get(subject) ?? state.levels.get(null) ?? 'BACKWARD';

/** The own mode of a scope, over which a global READONLY_OVERRIDE wins. */
export function ownMode(state: State, scope: Scope): Mode | undefined {
  const all = state.modes.get(null) ?? 'READWRITE';
  return all === 'READONLY_OVERRIDE' || scope === null ? all : state.modes.get(scope);
}

export const modeOf = (state: State, scope: Scope): Mode =>
  ownMode(state, scope) ?? state.modes.get(null) ?? 'READWRITE';

export type Which = 'live' | 'deleted' | 'all';

const wanted = (schema: StoredSchema, which: Which): boolean =>
  which === 'all' || schema.deleted === (which === 'deleted');

/** In the order of their versions. */
export function versionsOf(state: State, subject: string, which: Which): StoredSchema[] {
  const versions = [...(state.subjects.get(subject)?.values() ?? [])];
  return versions.filter((schema) => wanted(schema, which)).sort((a, b) => a.version - b.version);
}

/** In the order of subjects and versions. */
export function everything(state: State, which: Which): StoredSchema[] {
  return [...state.subjects.keys()].sort().flatMap((subject) => versionsOf(state, subject, which));
}

export const withId = (state: State, id: number): StoredSchema | undefined =>
  everything(state, 'all').find((schema) => schema.id === id);

/** Schemas are one and the same, and share an id, when their text and their references are. */
export function isSame(a: SchemaText, b: SchemaText): boolean {
  return a.schema === b.schema && referenceKey(a.references) === referenceKey(b.references);
}

export interface SchemaText {
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
}

const referenceKey = (references: readonly SchemaReference[] = []): string =>
  JSON.stringify(references.map(({ name, subject, version }) => [name, subject, version]));

/** Ids of the schemas that refer to this version and are not deleted. */
export function usersOf(state: State, subject: string, version: number): number[] {
  const users = everything(state, 'live').filter(({ references = [] }) =>
    references.some((reference) => reference.subject === subject && reference.version === version),
  );
  return [...new Set(users.map(({ id }) => id))].sort((a, b) => a - b);
}
