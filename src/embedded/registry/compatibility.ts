import type { StoredSchema } from '../../contract/schema-log.ts';
import { flag, type Answer, type Call, type Handler } from './call.ts';
import { Refusal, refuse } from './refusal.ts';
import { kept, misfits, schemaRequest } from './schema-request.ts';
import { versionsOf } from './state.ts';
import { versionNumber } from './versions.ts';

export const testAgainstVersion: Handler = (call, subject, text) => {
  const live = versionsOf(call.registry.state, subject, 'live');
  const number = versionNumber(text);
  const older = number === -1 ? live.slice(-1) : live.filter(({ version }) => version === number);
  // Nothing to be compatible with is fine for "latest", and a mistake where a version is named.
  if (older.length === 0 && number !== -1) throw refuse.versionNotFound(number);
  return verdict(call, subject, older);
};

export const testAgainstSubject: Handler = (call, subject) =>
  verdict(call, subject, versionsOf(call.registry.state, subject, 'live'));

function verdict(call: Call, subject: string, older: readonly StoredSchema[]): Answer {
  const { state } = call.registry;
  const verbose = flag(call, 'verbose');
  try {
    const messages = misfits(state, subject, kept(state, subject, schemaRequest(call), call), older);
    return { json: { is_compatible: messages.length === 0, ...(verbose ? { messages } : {}) } };
  } catch (error) {
    // A schema that is none is an answer, too, where the reasons were asked for.
    if (!verbose || !(error instanceof Refusal) || error.code !== refuse.invalidSchema('').code) throw error;
    return { json: { is_compatible: false, messages: [error.message] } };
  }
}
