import type { StoredSchema } from '../../contract/schema-log.ts';
import { flag, type Call, type Handler } from './call.ts';
import { refuse } from './refusal.ts';
import type { Append } from './registry.ts';
import { kept, misfits, schemaRequest, type SchemaRequest } from './schema-request.ts';
import { everything, isSame, modeOf, versionsOf, withId, type SchemaText, type State } from './state.ts';
import { shown } from './versions.ts';

export const register: Handler = async (call, subject) => {
  if (!isSubject(subject)) throw refuse.invalidSubject(subject);
  const request = schemaRequest(call);
  return { json: { id: await call.registry.change((append) => registerNow(call, subject, request, append)) } };
};

/** Control characters, and the two names that Confluent uses for scopes of its own. */
function isSubject(subject: string): boolean {
  return subject !== '' && !/\p{Cc}/u.test(subject) && subject !== '__GLOBAL' && subject !== '__EMPTY';
}

async function registerNow(call: Call, subject: string, request: SchemaRequest, append: Append): Promise<number> {
  const { state } = call.registry;
  const schema = kept(state, subject, request, call);
  const already = newest(versionsOf(state, subject, 'live'), schema);
  // What is there is answered in every mode: asking again must never fail.
  if (already !== undefined && request.version === undefined && fits(request.id, already.id)) return already.id;
  checkMode(state, subject, request);

  const importing = modeOf(state, subject) === 'IMPORT';
  if (!importing) {
    const details = misfits(state, subject, schema, versionsOf(state, subject, 'live'));
    if (details.length > 0) throw refuse.incompatible(subject, details);
  }
  const next = (versionsOf(state, subject, 'all').at(-1)?.version ?? 0) + 1;
  if (request.version !== undefined && request.version !== next && !importing)
    throw refuse.invalidSchema('Version is not one more than previous version');
  const version = request.version ?? next;
  const id = idFor(state, schema, request);

  const forgotten = versionsOf(state, subject, 'deleted').filter((old) => old.id === id && old.version < version);
  await append({
    key: { keytype: 'SCHEMA', subject, version, magic: 1 },
    value: { subject, version, id, ...schema, deleted: false },
  });
  // An id belongs to one version of a subject: the one that was deleted softly makes room.
  for (const old of forgotten)
    await append({ key: { keytype: 'SCHEMA', subject, version: old.version, magic: 1 }, value: null });
  return id;
}

function checkMode(state: State, subject: string, request: SchemaRequest): void {
  const mode = modeOf(state, subject);
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') throw refuse.readOnly(subject);
  if (request.id === undefined && mode !== 'READWRITE') throw refuse.notReadWrite(subject);
  if (request.id !== undefined && mode !== 'IMPORT') throw refuse.notImport(subject);
}

function idFor(state: State, schema: SchemaText, request: SchemaRequest): number {
  if (request.id === undefined) return newest(everything(state, 'all'), schema)?.id ?? state.highestId + 1;
  const holder = withId(state, request.id);
  if (holder !== undefined && !isSame(holder, schema)) throw refuse.idTaken(request.id);
  return request.id;
}

const fits = (asked: number | undefined, id: number): boolean => asked === undefined || asked === id;

const newest = (among: readonly StoredSchema[], schema: SchemaText): StoredSchema | undefined =>
  among.findLast((stored) => isSame(stored, schema));

export const lookUp: Handler = (call, subject) => {
  const { state } = call.registry;
  const which = flag(call, 'deleted') ? 'all' : 'live';
  const versions = versionsOf(state, subject, which);
  if (versions.length === 0) throw refuse.subjectNotFound(subject);
  const found = newest(versions, kept(state, subject, schemaRequest(call), call));
  if (found === undefined) throw refuse.schemaNotFound();
  return { json: shown(found) };
};
