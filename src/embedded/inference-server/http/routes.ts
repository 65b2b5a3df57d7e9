import type { Core } from '../answers/core.ts';
import { answerCall, extensions, serverName, serverVersion } from '../answers/calls.ts';
import { isReady } from '../answers/core.ts';
import { versionNumber } from '../repository/entries.ts';
import { answerInfer } from './infer.ts';
import { errorAnswer, refusalAnswer, textAnswer, type HttpAnswer, type HttpRequest, type Route } from './listen.ts';

type Handler = (
  core: Core,
  request: HttpRequest,
  path: Readonly<Record<string, string>>,
  gone: Parameters<Route>[1],
) => HttpAnswer | Promise<HttpAnswer>;

const json = (value: unknown): HttpAnswer => textAnswer(200, JSON.stringify(value), 'application/json');
const health = (good: boolean): HttpAnswer => textAnswer(good ? 200 : 400, '');
const model = String.raw`/v2/models/(?<model>[^/]+)(?:/versions/(?<version>\d+))?`;

/** What a message of the protocol has as a field of a larger one, HTTP has by itself. */
const call =
  (
    name: Parameters<typeof answerCall>[1],
    show: (answer: Record<string, unknown>) => unknown = (answer) => answer,
  ): Handler =>
  async (core, _, { model: called = '', version = '' }) =>
    json(show((await answerCall(core, name, { name: called, version })) as Record<string, unknown>));

const bodyOf = ({ body }: HttpRequest): Record<string, unknown> => {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch (error) {
    throw new Error(`failed to parse the request JSON buffer: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
};

const routes: readonly (readonly [method: string, path: RegExp, Handler])[] = [
  ['GET', /^\/v2\/health\/live$/, ({ phase }) => health(phase !== 'exiting')],
  ['GET', /^\/v2\/health\/ready$/, (core) => health(isReady(core))],
  ['GET', /^\/v2\/?$/, () => json({ name: serverName, version: serverVersion, extensions })],
  ['POST', new RegExp(`^${model}/infer$`), (core, request, path, gone) => answerInfer(core, request, path, gone)],
  [
    'GET',
    new RegExp(`^${model}/ready$`),
    ({ repository }, _, { model: name = '', version = '' }) => ready(repository.isReady(name, version)),
  ],
  ['GET', new RegExp(`^${model}/config$`), call('ModelConfig', ({ config }) => config)],
  ['GET', new RegExp(`^${model}/stats$`), call('ModelStatistics')],
  ['GET', /^\/v2\/models\/stats$/, call('ModelStatistics')],
  ['GET', new RegExp(`^${model}$`), call('ModelMetadata')],
  [
    'POST',
    /^\/v2\/repository\/index$/,
    async (core, request) => json(await core.repository.index(bodyOf(request)['ready'] === true)),
  ],
  ['POST', /^\/v2\/repository\/models\/(?<model>[^/]+)\/load$/, control('RepositoryModelLoad')],
  ['POST', /^\/v2\/repository\/models\/(?<model>[^/]+)\/unload$/, control('RepositoryModelUnload')],
];

const ready = (is: boolean): HttpAnswer =>
  is ? health(true) : errorAnswer(400, 'Model version not ready', 'text/plain');

function control(name: 'RepositoryModelLoad' | 'RepositoryModelUnload'): Handler {
  return async (core, request, { model: called }) => {
    const { parameters = {} } = bodyOf(request);
    await answerCall(core, name, { model_name: called, parameters });
    return textAnswer(200, '', 'application/json');
  };
}

/** KServe v2 over HTTP, with the statuses and texts of Triton. */
export const httpRoutes =
  (core: Core): Route =>
  async (request, gone) => {
    let known = false;
    for (const [method, pattern, handler] of routes) {
      const found = pattern.exec(request.path);
      if (found === null) continue;
      known = true;
      if (method !== request.method) continue;
      const path = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
      );
      try {
        versionNumber(path['version'] ?? '');
        return await handler(core, request, path, gone);
      } catch (thrown) {
        return refusalAnswer(thrown);
      }
    }
    return known ? errorAnswer(405, 'Method Not Allowed', 'text/plain') : errorAnswer(404, 'Not Found', 'text/plain');
  };

// The named group of a part that is not there is undefined.
const decoded = (value: string | undefined): string => {
  try {
    return decodeURIComponent(value ?? '');
  } catch {
    return value ?? '';
  }
};
