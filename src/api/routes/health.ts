import type { FastifyInstance } from 'fastify';
import { reasonOf } from '../reason-of.ts';
import type { ApiParts } from '../parts.ts';
import * as shapes from '../shapes.ts';
import { problems } from './problems.ts';

const checkWithinMs = 2_000;

/** What runs, and what could be asked. */
export function healthRoutes(app: FastifyInstance, { dependencies, models }: ApiParts): void {
  app.get(
    '/health',
    {
      schema: {
        summary: 'Whether the programs answer that the API needs; a load balancer may ask without a key',
        response: { 200: shapes.health, 503: shapes.health, ...problems() },
      },
    },
    async (_, reply) => {
      const found = await Promise.all(
        dependencies.map(async ({ name, check }) => {
          const signal = AbortSignal.timeout(checkWithinMs);
          const late = new Promise<never>((__, reject) => {
            signal.addEventListener('abort', () => reject(new Error(`no answer within ${checkWithinMs / 1000} s`)));
          });
          try {
            await Promise.race([check(signal), late]);
            return [name, { status: 'ok', detail: null }] as const;
          } catch (thrown) {
            return [name, { status: 'down', detail: reasonOf(thrown) }] as const;
          }
        }),
      );
      const isWell = found.every(([, { status }]) => status === 'ok');
      reply.code(isWell ? 200 : 503);
      return { status: isWell ? 'ok' : 'degraded', dependencies: Object.fromEntries(found) as object };
    },
  );

  app.get(
    '/api/v1/models',
    {
      config: { scope: 'read' },
      schema: { summary: 'The models that take jobs', response: { 200: shapes.models, ...problems(400, 429) } },
    },
    () => ({
      models: [...models].map(([name, model]) => ({
        name,
        task: model.task,
        kind: model.kind,
        least: model.least,
        most: model.most,
        max_forecast_steps: model.task === 'forecast' ? model.horizon : null,
      })),
    }),
  );

  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
