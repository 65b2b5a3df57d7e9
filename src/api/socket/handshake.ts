import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refused } from '../problem.ts';

/** The one address that becomes a WebSocket. */
export const socketPath = '/ws';

/**
 * Refuses what asks for another protocol than it can get, as everything else is refused. Of a request with `Upgrade` Node
 * reads no body, whatever it asks for and wherever; so it cannot be answered as if it had not asked.
 */
export function refuseOtherUpgrades(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _, done) => {
    done(request.is404 ? undefined : problemOfUpgrade(request));
  });
}

function problemOfUpgrade({ ws: asks, routeOptions, headers, method }: FastifyRequest): Refused | undefined {
  const isSocket = routeOptions.url === socketPath;
  if (!isSocket)
    return asks ? new Refused(400, `only ${socketPath} can be upgraded; send it again without Upgrade`) : undefined;
  if (!asks || method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket')
    return new Refused(426, `${socketPath} is a WebSocket`, { headers: { upgrade: 'websocket' } });
  if (headers['sec-websocket-version'] !== '13')
    return new Refused(426, 'WebSockets are of version 13', { headers: { 'sec-websocket-version': '13' } });
  const hasKey = /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '');
  return hasKey ? undefined : new Refused(400, 'Sec-WebSocket-Key is no 16 bytes in base64');
}
