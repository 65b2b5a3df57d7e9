import type { SchemaReference, StoredSchema } from '../../contract/schema-log.ts';
import { flag, page, which, type Handler } from './call.ts';
import { refuse } from './refusal.ts';
import { usersOf, versionsOf, type State } from './state.ts';

/** -1 is the latest. */
export function versionNumber(text: string): number {
  if (text === 'latest' || text === '-1') return -1;
  const number = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 2 ** 31 - 1) throw refuse.invalidVersion(text);
  return number;
}

export function findVersion(state: State, subject: string, text: string, deleted: boolean): StoredSchema {
  const number = versionNumber(text);
  const found =
    number === -1
      ? versionsOf(state, subject, 'live').at(-1)
      : versionsOf(state, subject, deleted ? 'all' : 'live').find(({ version }) => version === number);
  if (found !== undefined) return found;
  const isThere = versionsOf(state, subject, deleted ? 'all' : 'live').length > 0;
  throw isThere ? refuse.versionNotFound(number) : refuse.subjectNotFound(subject);
}

interface Shown {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
}

/** As clients see it: AVRO goes without saying, and so do no references. */
export const shown = ({ subject, version, id, schema, references }: StoredSchema): Shown => ({
  subject,
  version,
  id,
  ...(references === undefined ? {} : { references }),
  schema,
});

export const listVersions: Handler = (call, subject) => {
  const { state } = call.registry;
  const wanted = which(call);
  if (versionsOf(state, subject, wanted === 'live' ? 'live' : 'all').length === 0)
    throw refuse.subjectNotFound(subject);
  return {
    json: page(
      call,
      versionsOf(state, subject, wanted).map(({ version }) => version),
    ),
  };
};

export const getVersion: Handler = (call, subject, version) => ({
  json: shown(findVersion(call.registry.state, subject, version, flag(call, 'deleted'))),
});

export const getVersionText: Handler = (call, subject, version) => ({
  text: findVersion(call.registry.state, subject, version, flag(call, 'deleted')).schema,
});

export const getReferencedBy: Handler = (call, subject, version) => {
  const { state } = call.registry;
  return { json: page(call, usersOf(state, subject, findVersion(state, subject, version, true).version)) };
};
