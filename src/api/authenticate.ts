import type { FastifyInstance, FastifyRequest } from 'fastify';
import { may, type ApiKey, type Keys, type Scope } from './keys.ts';
import { Refused } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: ApiKey;
  }
  interface FastifyContextConfig {
    /** What a key needs to use the route; left out, everybody may. */
    scope?: Scope;
  }
}

/** Where there are no keys, whoever reaches the address may do everything, and owns everything. */
const everybody: ApiKey = { name: '', scopes: new Set(['admin']) };
const nobody: ApiKey = { name: '', scopes: new Set() };

export const protocol = 'downlink';
const keyProtocol = 'key.';

export function authenticate(app: FastifyInstance, keys: Keys | undefined, origins: readonly string[]): void {
  app.decorateRequest('caller');
  // Before anything of the body is read.
  app.addHook('onRequest', (request, reply, done) => {
    request.caller = nobody;
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('cache-control', 'no-store');
    if (keyInAddress(request)) {
      const detail =
        'a key in an address ends up in logs and histories: take it for lost, and send another in `Authorization: Bearer …`';
      return done(new Refused(400, detail));
    }
    if (keys === undefined) {
      request.caller = everybody;
      return done(foreignPage(request, origins) ? new Refused(403, 'this origin is not allowed') : undefined);
    }
    const { scope } = request.routeOptions.config;
    const key = keyOf(request);
    const caller = key === undefined ? undefined : keys.find(key);
    if (caller !== undefined) request.caller = caller;
    if (scope === undefined) return done();
    if (caller === undefined) {
      const headers = { 'www-authenticate': 'Bearer' };
      return done(new Refused(401, 'a key is needed, in `Authorization: Bearer …`', { headers }));
    }
    return done(may(caller, scope) ? undefined : new Refused(403, `the key has not the scope ${scope}`));
  });
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const plain = headers['x-api-key'];
  if (typeof plain === 'string') return plain;
  // A browser sets no other header for a WebSocket.
  const offered = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
  return offered.find((one) => one.startsWith(keyProtocol))?.slice(keyProtocol.length);
}

const keyInAddress = ({ url }: FastifyRequest): boolean =>
  /[?&](api[_-]?key|key|token|access_token)=|dl_[\w-]{20}/i.test(url);

/** Of a page that somebody else made, in a browser on this machine: it reaches loopback, too. */
function foreignPage({ headers: { origin, host } }: FastifyRequest, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
