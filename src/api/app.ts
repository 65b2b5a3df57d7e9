import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import { Ajv } from 'ajv';
import fastify, { type FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { authenticate } from './authenticate.ts';
import { answerErrors } from './answer-errors.ts';
import { answerUnread, answerUnroutable } from './answer-unread.ts';
import { defaultLimits, type ApiLimits, type ApiParts } from './parts.ts';
import { titleOf } from './problem.ts';
import { entityRoutes } from './routes/entities.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { resultRoutes } from './routes/results.ts';
import { refuseOtherUpgrades } from './socket/handshake.ts';
import { socketRoute } from './socket/route.ts';

export interface AppOptions {
  readonly parts: ApiParts;
  readonly limits?: Partial<ApiLimits>;
  /** The origins whose pages may use it. */
  readonly origins?: readonly string[];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** It stands behind a proxy, whose word on who asks is taken. */
  readonly behindProxy?: boolean;
}

/** REST and WebSocket over what the topics say: every route, and what holds for all of them. */
export async function openApp(options: AppOptions): Promise<FastifyInstance> {
  const { parts, origins = [], tls, behindProxy = false } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const app = fastify({
    ...(tls === undefined ? {} : { https: tls }),
    bodyLimit: limits.bodyBytes,
    trustProxy: behindProxy,
    genReqId: requestIdOf,
    clientErrorHandler: answerUnread,
    frameworkErrors: answerUnroutable,
    logger: false,
    routerOptions: { maxParamLength: 200 },
    // Slow senders of headers hold a place for nobody.
    connectionTimeout: 0,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  // Text is what any page may send without being asked first.
  app.removeContentTypeParser('text/plain');
  checkStrictly(app);
  answerErrors(app, parts.emit);
  // Before whoever refuses: it ends the connections of those that are refused.
  await app.register(websocket, { options: { maxPayload: 64 * 1024, clientTracking: false } });
  authenticate(app, parts.keys, origins);
  refuseOtherUpgrades(app);
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    parts.emit({ event: 'request', method, route, status: reply.statusCode, ms: reply.elapsedTime });
    done();
  });
  await app.register(cors, {
    origin: [...origins],
    exposedHeaders: ['x-request-id', 'retry-after'],
    // It would be refused in plain text; so it is told what is allowed, which is nothing.
    strictPreflight: false,
  });
  await app.register(rateLimit, {
    max: limits.perMinute,
    timeWindow: 60_000,
    keyGenerator: ({ caller, ip }) => (parts.keys === undefined ? ip : caller.name),
    errorResponseBuilder: (_, { max, ttl }) =>
      Object.assign(new Error(`${max} requests a minute are taken; come back in ${Math.ceil(ttl / 1000)} s`), {
        statusCode: 429,
        title: titleOf(429),
      }),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'downlink',
        version: '1',
        description: 'Jobs for time-series models, and what the telemetry of satellites came to.',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      ...(parts.keys === undefined ? {} : { security: [{ key: [] }] }),
    },
  });
  await app.register((routes, _, done) => {
    jobRoutes(routes, parts, limits);
    resultRoutes(routes, parts);
    entityRoutes(routes, parts);
    healthRoutes(routes, parts);
    socketRoute(routes, parts, limits, origins);
    done();
  });
  return app;
}

/** Of whoever asks, if it is a name that can stand in a log and a header. */
function requestIdOf({ headers: { 'x-request-id': told } }: { readonly headers: IncomingHttpHeaders }): string {
  return typeof told === 'string' && /^[\w.:/+=-]{1,128}$/.test(told) ? told : randomUUID();
}

/** Nothing is made to fit: a number in quotes is no number. Only what stands in an address is always text. */
function checkStrictly(app: FastifyInstance): void {
  const shared = { allErrors: true, useDefaults: true, keywords: ['example'] };
  const exact = new Ajv({ ...shared, coerceTypes: false });
  // 1e999 is to be too large, not exempt from what numbers have to be.
  const fromText = new Ajv({ ...shared, coerceTypes: true, strictNumbers: false });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : fromText).compile(schema as Record<string, unknown>),
  );
}
