import { Type, type Static } from '@sinclair/typebox';
import { may, type ApiKey } from '../keys.ts';
import type { ApiEvent } from './event-log.ts';

const closed = { additionalProperties: false } as const;
const names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 1_000 });

/** What a subscriber says. Each `subscribe` is in place of the one before. */
export const subscribeMessage = Type.Object(
  {
    type: Type.Literal('subscribe'),
    /** All of one's own, or these. */
    jobs: Type.Optional(Type.Union([Type.Literal('all'), names])),
    models: Type.Optional(names),
    entities: Type.Optional(Type.Union([Type.Literal('all'), names])),
    anomalies: Type.Optional(Type.Boolean()),
    after: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  closed,
);
export type Subscribe = Static<typeof subscribeMessage>;

/** Whether a subscriber hears of something. */
export type Wants = (event: ApiEvent) => boolean;

export function wantsOf(caller: ApiKey, { jobs, models, entities, anomalies }: Subscribe): Wants {
  const [ids, ofModels] = [setOf(jobs), setOf(models)];
  const ofEntities = setOf(entities);
  const isAdmin = may(caller, 'admin');
  return (event) => {
    switch (event.topic) {
      case 'job':
        if (!isAdmin && event.owner !== caller.name) return false;
        return jobs === 'all' || ids.has(event.job ?? '') || ofModels.has(event.model ?? '');
      case 'samples':
        return entities === 'all' || hasEntity(ofEntities, event.entity);
      case 'anomaly':
        return anomalies === true;
    }
  };
}

const setOf = (given: 'all' | readonly string[] | undefined): ReadonlySet<string> =>
  new Set(given === undefined || given === 'all' ? [] : given);

/** `A-1`, or `SAT-001/A-1`. */
const hasEntity = (among: ReadonlySet<string>, entity = ''): boolean =>
  among.has(entity) || among.has(entity.slice(entity.indexOf('/') + 1));
