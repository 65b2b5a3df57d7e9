import { refuse } from './refusal.ts';
import type { Registry } from './registry.ts';
import type { Which } from './state.ts';

export interface Call {
  readonly registry: Registry;
  readonly query: URLSearchParams;
  /** The JSON that came with it; undefined: none. */
  readonly body: unknown;
}

/** JSON, or a schema's own text. */
export type Answer = { readonly json: unknown } | { readonly text: string };

/** `path`: the values of the path's parameters, in their order. */
export type Handler = (call: Call, ...path: string[]) => Answer | Promise<Answer>;

export const flag = ({ query }: Call, name: string): boolean => query.get(name)?.toLowerCase() === 'true';

export function which(call: Call): Which {
  if (flag(call, 'deletedOnly')) return 'deleted';
  return flag(call, 'deleted') ? 'all' : 'live';
}

/** The part of a list that offset and limit ask for; a limit below one is none. */
export function page<T>({ query }: Call, list: readonly T[]): readonly T[] {
  const offset = Math.max(wholeNumber(query, 'offset') ?? 0, 0);
  const limit = wholeNumber(query, 'limit') ?? -1;
  return list.slice(offset, limit > 0 ? offset + limit : undefined);
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  // Jersey answers a query parameter that is no number as if the path were unknown.
  if (!/^-?\d{1,9}$/.test(text)) throw refuse.notFound();
  return Number(text);
}

/** Whether a subject is one that `subjectPrefix` asks for; `:*:` stands for every context, of which there is one. */
export function hasPrefix({ query }: Call, subject: string): boolean {
  return subject.startsWith((query.get('subjectPrefix') ?? '').replace(/^:\*:/, ''));
}

export function bodyOf({ body }: Call): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) throw refuse.bodyMissing();
  if (typeof body !== 'object' || Array.isArray(body)) throw refuse.badRequest('The request is no JSON object');
  return body as Readonly<Record<string, unknown>>;
}
