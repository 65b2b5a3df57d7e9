import type { SchemaLogEntry, StoredSchema } from '../../contract/schema-log.ts';
import { flag, type Call, type Handler } from './call.ts';
import { refuse } from './refusal.ts';
import type { Append } from './registry.ts';
import { modeOf, usersOf, versionsOf, type Scope, type State } from './state.ts';
import { findVersion } from './versions.ts';

export const deleteSubject: Handler = async (call, subject) => ({
  json: await call.registry.change((append) => deleteSubjectNow(call, subject, append)),
});

async function deleteSubjectNow(call: Call, subject: string, append: Append): Promise<number[]> {
  const { state } = call.registry;
  const permanent = flag(call, 'permanent');
  if (versionsOf(state, subject, 'all').length === 0) throw refuse.subjectNotFound(subject);
  const live = versionsOf(state, subject, 'live');
  if (!permanent && live.length === 0) throw refuse.subjectSoftDeleted(subject);
  checkWritable(state, subject);
  const versions = (permanent ? versionsOf(state, subject, 'all') : live).map(({ version }) => version);
  for (const version of versions) checkUnused(state, subject, version);
  if (permanent) {
    if (live.length > 0) throw refuse.subjectNotSoftDeleted(subject);
    await rememberIds(state, versionsOf(state, subject, 'all'), append);
    for (const version of versions) await append(tombstone(subject, version));
  } else {
    const last = Math.max(...versions);
    const settings = settingsOf(state, subject);
    await append({ key: { keytype: 'DELETE_SUBJECT', subject, magic: 0 }, value: { subject, version: last } });
    for (const setting of settings) await append(setting);
  }
  return versions;
}

export const deleteVersion: Handler = async (call, subject, version) => ({
  json: await call.registry.change((append) => deleteVersionNow(call, subject, version, append)),
});

async function deleteVersionNow(call: Call, subject: string, text: string, append: Append): Promise<number> {
  const { state } = call.registry;
  const permanent = flag(call, 'permanent');
  const found = findVersion(state, subject, text, true);
  if (!permanent && found.deleted) throw refuse.versionSoftDeleted(subject, text);
  checkWritable(state, subject);
  checkUnused(state, subject, found.version);
  if (permanent) {
    if (!found.deleted) throw refuse.versionNotSoftDeleted(subject, found.version);
    await rememberIds(state, [found], append);
    await append(tombstone(subject, found.version));
  } else {
    const { version } = found;
    await append({ key: { keytype: 'SCHEMA', subject, version, magic: 1 }, value: { ...found, deleted: true } });
    if (versionsOf(state, subject, 'live').length === 0)
      for (const setting of settingsOf(state, subject)) await append(setting);
  }
  return found.version;
}

export function checkWritable(state: State, scope: Scope): void {
  const mode = modeOf(state, scope);
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') throw refuse.readOnly(scope);
}

function checkUnused(state: State, subject: string, version: number): void {
  if (usersOf(state, subject, version).length > 0) throw refuse.referenced(subject, version);
}

export const tombstone = (subject: string, version: number): SchemaLogEntry => ({
  key: { keytype: 'SCHEMA', subject, version, magic: 1 },
  value: null,
});

/** Compaction takes away a schema that has a tombstone, and the id that must not be given again would go with it. */
async function rememberIds({ highestId }: State, going: readonly StoredSchema[], append: Append): Promise<void> {
  if (!going.some(({ id }) => id === highestId)) return;
  await append({ key: { keytype: 'NOOP', magic: 0 }, value: { highestId } });
}

/** Takes away the level and the mode of a subject that has no version left. */
function settingsOf(state: State, subject: string): SchemaLogEntry[] {
  const entries: SchemaLogEntry[] = [];
  if (state.modes.has(subject)) entries.push({ key: { keytype: 'MODE', subject, magic: 0 }, value: null });
  if (state.levels.has(subject)) entries.push({ key: { keytype: 'CONFIG', subject, magic: 0 }, value: null });
  return entries;
}
