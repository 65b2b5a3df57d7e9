import type { StoredSchema } from '../../contract/schema-log.ts';
import { flag, hasPrefix, page, which, type Call, type Handler } from './call.ts';
import { refuse } from './refusal.ts';
import { everything, versionsOf, withId } from './state.ts';
import { shown } from './versions.ts';

export const listSubjects: Handler = (call) => {
  const { state } = call.registry;
  const wanted = which(call);
  const subjects = [...state.subjects.keys()].sort().filter((subject) => {
    // A subject counts as deleted when nothing of it is left.
    const isLive = versionsOf(state, subject, 'live').length > 0;
    return hasPrefix(call, subject) && (wanted === 'all' || isLive === (wanted === 'live'));
  });
  return { json: page(call, subjects) };
};

export const listSchemas: Handler = (call) => {
  const found = everything(call.registry.state, which(call)).filter(({ subject }) => hasPrefix(call, subject));
  const list = flag(call, 'latestOnly')
    ? found.filter((schema, index) => schema.subject !== found[index + 1]?.subject)
    : found;
  return { json: page(call, list.map(shown)) };
};

export const listTypes: Handler = () => ({ json: ['AVRO'] });

export const getById: Handler = (call, id) => {
  const { schema, references } = byId(call, id);
  return {
    json: {
      schema,
      ...(references === undefined ? {} : { references }),
      ...(flag(call, 'fetchMaxId') ? { maxId: call.registry.state.highestId } : {}),
    },
  };
};

export const getTextById: Handler = (call, id) => ({ text: byId(call, id).schema });

export const listSubjectsOfId: Handler = (call, id) => {
  const subjects = new Set(usesOf(call, id).map(({ subject }) => subject));
  return { json: page(call, [...subjects]) };
};

export const listVersionsOfId: Handler = (call, id) => ({
  json: page(
    call,
    usesOf(call, id).map(({ subject, version }) => ({ subject, version })),
  ),
});

function usesOf(call: Call, text: string): StoredSchema[] {
  const { id } = byId(call, text);
  const { state } = call.registry;
  const only = call.query.get('subject');
  return everything(state, flag(call, 'deleted') ? 'all' : 'live').filter(
    (schema) => schema.id === id && (only === null || schema.subject === only),
  );
}

function byId({ registry }: Call, text: string): StoredSchema {
  // Jersey answers a path parameter that is no number as an unknown path.
  if (!/^-?\d{1,10}$/.test(text)) throw refuse.notFound();
  const id = Number(text);
  const found = withId(registry.state, id);
  if (found === undefined) throw refuse.idNotFound(id);
  return found;
}
