import { InvalidArgumentError, Option } from 'commander';
import { readEnvironment } from '../../config/environment.ts';
import { printProblems } from '../load-settings.ts';
import type { Shell } from '../verb.ts';

/** What an API says to a request, or why nobody says anything. */
export type Answer = Answered | { readonly unreachable: string };

export interface Answered {
  readonly status: number;
  /** Undefined: it is no JSON. */
  readonly body: unknown;
  /** How long the API wants to be left alone. */
  readonly retryAfterMs: number | undefined;
}

/** One of these, of an API of downlink: whoever else may listen there does not answer with such a field. */
export const isAnswer = (
  answer: Answer,
  statuses: readonly number[],
  field: string,
): answer is Answered & { readonly body: object } =>
  !('unreachable' in answer) &&
  statuses.includes(answer.status) &&
  typeof answer.body === 'object' &&
  answer.body !== null &&
  field in answer.body;

export interface Asking {
  /** Sent as JSON. */
  readonly payload?: object;
  readonly idempotencyKey?: string;
  readonly withinMs?: number;
}

/** One API, asked over connections that are kept. */
export interface Client {
  readonly url: string;
  readonly hasKey: boolean;
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, asking?: Asking): Promise<Answer>;
}

export const urlOption = (): Option =>
  new Option('--url <url>', 'where the API is').argParser(address).default('http://127.0.0.1:8080');

function address(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw new InvalidArgumentError('An address is like http://127.0.0.1:8080.');
  if (parsed.username !== '' || parsed.password !== '')
    throw new InvalidArgumentError('Keep name and password out of it: a key goes into DOWNLINK_API_KEY.');
  return parsed.href.replace(/\/+$/, '');
}

/** With the key that the environment has; where the environment has mistakes, these are printed. */
export function openClient(url: string, shell: Shell): Client | undefined {
  const { environment, problems } = readEnvironment(shell.env);
  if (environment === undefined) {
    printProblems(problems, shell);
    return undefined;
  }
  const { key } = environment.api;
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
  return {
    url,
    hasKey: key !== undefined,
    ask: async (method, path, { payload, idempotencyKey, withinMs = 15_000 } = {}) => {
      try {
        const answer = await fetch(`${url}${path}`, {
          method,
          // Whoever it would be sent on to was not named, and is not given the key.
          redirect: 'manual',
          headers: {
            ...authorization,
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          },
          ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
          signal: AbortSignal.timeout(withinMs),
        });
        const text = await answer.text();
        return { status: answer.status, body: jsonIn(text), retryAfterMs: waitIn(answer.headers.get('retry-after')) };
      } catch (thrown) {
        return { unreachable: reasonIn(thrown as Error, withinMs) };
      }
    },
  };
}

/** fetch says no more than that it failed; why is below that. */
function reasonIn({ name, message, cause }: Error, withinMs: number): string {
  if (name === 'TimeoutError') return `no answer within ${withinMs / 1000} s`;
  const { code, message: below } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  return code ?? below ?? message;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9110: seconds, or a date. */
function waitIn(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? 1000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
