import { isLevel } from '../../avro/check-compatibility.ts';
import { bodyOf, flag, type Call, type Handler } from './call.ts';
import { checkWritable, tombstone } from './deletion.ts';
import { refuse } from './refusal.ts';
import { everything, isMode, levelOf, modeOf, ownMode, usersOf, versionsOf, type Scope } from './state.ts';

const scopeOf = (subject: string | undefined): Scope => subject ?? null;

export const getLevel: Handler = (call, ...[subject]: string[]) => {
  const { state } = call.registry;
  if (subject !== undefined && !state.levels.has(subject) && !flag(call, 'defaultToGlobal'))
    throw refuse.levelNotSet(subject);
  return { json: { compatibilityLevel: levelOf(state, scopeOf(subject)) } };
};

export const putLevel: Handler = async (call, ...[subject]: string[]) => {
  const { compatibility } = bodyOf(call);
  const level = typeof compatibility === 'string' ? compatibility.toUpperCase() : '';
  if (!isLevel(level)) throw refuse.invalidLevel();
  const scope = scopeOf(subject);
  await call.registry.change(async (append) => {
    checkWritable(call.registry.state, scope);
    await append({
      key: { keytype: 'CONFIG', subject: scope, magic: 0 },
      value: { subject: scope, compatibilityLevel: level },
    });
  });
  return { json: { compatibility } };
};

export const deleteLevel: Handler = async (call, ...[subject]: string[]) => {
  const { registry } = call;
  const scope = scopeOf(subject);
  const compatibilityLevel = await registry.change(async (append) => {
    if (subject !== undefined && !registry.state.levels.has(subject)) throw refuse.subjectNotFound(subject);
    const old = levelOf(registry.state, scope);
    checkWritable(registry.state, scope);
    if (registry.state.levels.has(scope))
      await append({ key: { keytype: 'CONFIG', subject: scope, magic: 0 }, value: null });
    return old;
  });
  return { json: { compatibilityLevel } };
};

export const getMode: Handler = (call, ...[subject]: string[]) => {
  const { state } = call.registry;
  if (subject === undefined || flag(call, 'defaultToGlobal'))
    return { json: { mode: modeOf(state, scopeOf(subject)) } };
  const mode = ownMode(state, subject);
  if (mode === undefined) throw refuse.modeNotSet(subject);
  return { json: { mode } };
};

export const putMode: Handler = async (call, ...[subject]: string[]) => {
  const asked = bodyOf(call)['mode'];
  const mode = typeof asked === 'string' ? asked.toUpperCase() : '';
  if (!isMode(mode)) throw refuse.invalidMode();
  const scope = scopeOf(subject);
  await call.registry.change(async (append) => {
    const begins = mode === 'IMPORT' && modeOf(call.registry.state, scope) !== 'IMPORT';
    const gone = begins && !flag(call, 'force') ? leftovers(call, scope) : [];
    for (const { subject: of, version } of gone) await append(tombstone(of, version));
    await append({ key: { keytype: 'MODE', subject: scope, magic: 0 }, value: { subject: scope, mode } });
  });
  return { json: { mode: asked } };
};

/** Ids can only be imported where there are none yet, so what is deleted softly goes for good. */
function leftovers({ registry: { state } }: Call, scope: Scope): { subject: string; version: number }[] {
  const all = scope === null ? everything(state, 'all') : versionsOf(state, scope, 'all');
  if (all.some(({ deleted }) => !deleted)) throw refuse.importOverSubjects();
  for (const { subject, version } of all)
    if (usersOf(state, subject, version).length > 0) throw refuse.referenced(subject, version);
  return all;
}

export const deleteMode: Handler = async (call, ...[subject]: string[]) => {
  const { registry } = call;
  const scope = scopeOf(subject);
  const mode = await registry.change(async (append) => {
    if (subject !== undefined && !registry.state.modes.has(subject)) throw refuse.subjectNotFound(subject);
    const old = modeOf(registry.state, scope);
    if (registry.state.modes.has(scope))
      await append({ key: { keytype: 'MODE', subject: scope, magic: 0 }, value: null });
    return old;
  });
  return { json: { mode } };
};
