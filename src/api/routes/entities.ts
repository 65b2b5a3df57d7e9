import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity } from '../../config/topology.ts';
import type { ApiParts } from '../parts.ts';
import { notFound, Refused } from '../problem.ts';
import * as shapes from '../shapes.ts';
import type { EntitySamples } from '../view/samples.ts';
import { storedSamples } from '../view/stored-samples.ts';
import { thinned } from '../view/thinned.ts';
import { timeOf } from './jobs.ts';
import { problems } from './problems.ts';

interface Range {
  readonly satellite?: string;
  readonly from?: string;
  readonly to?: string;
  readonly points: number;
}

const nameLike = (example: string) => Type.String({ minLength: 1, maxLength: 100, examples: [example] });
const range = Type.Object({
  satellite: Type.Optional(Type.String({ maxLength: 100, description: 'where several have an entity of this name' })),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'a time, or milliseconds since 1970' })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
  points: Type.Optional(
    Type.Integer({ minimum: 4, maximum: 10_000, default: 500, description: 'at most; what stands out stays' }),
  ),
});

/** The telemetry of satellites, as the topics have it. */
export function entityRoutes(app: FastifyInstance, { entities, samples, anomalies, series }: ApiParts): void {
  const config = { scope: 'read' } as const;

  app.get(
    '/api/smap/satellites',
    { config, schema: { summary: 'The fleet', response: { 200: shapes.satellites, ...problems(400, 429) } } },
    () => {
      const ids = [...new Set(entities.map(({ satellite }) => satellite))];
      const of = (id: string) => entities.filter(({ satellite }) => satellite === id);
      return { satellites: ids.map((id) => ({ id, entities: of(id).map((one) => one.name) })) };
    },
  );

  app.get<{ Params: { entity: string }; Querystring: Range }>(
    '/api/smap/entity/:entity/overview',
    {
      config,
      schema: {
        summary: 'Scores and anomalies of an entity',
        params: Type.Object({ entity: nameLike('A-1') }),
        querystring: range,
        response: { 200: shapes.overview, ...problems(400, 404, 429) },
      },
    },
    async ({ params, query }) => {
      const entity = entityNamed(entities, params.entity, query.satellite);
      const [from, to] = timesIn(query);
      const own = await storedSamples(samples.of(keyOfEntity(entity)), series, entity, { from, to });
      const places = thinned(placesIn(own, from, to), (at) => own?.score(at) ?? NaN, query.points);
      return {
        satellite_id: entity.satellite,
        entity: entity.name,
        timestamps: places.map((at) => timeOf(own?.timestamp(at) ?? 0)),
        anomaly_score: places.map((at) => numberOrNull(own?.score(at))),
        detected: places.map((at) => own?.detected(at) === true),
        anomalies: anomalies
          .of(keyOfEntity(entity))
          .filter(({ begin_time, end_time }) => end_time >= from && begin_time <= to)
          .map(({ id, phase, begin_time, end_time, severity, peak_severity, rules, sentence }) => ({
            id,
            phase,
            begin: timeOf(begin_time),
            end: timeOf(end_time),
            severity,
            peak_severity,
            rules,
            sentence,
          })),
      };
    },
  );

  app.get<{ Params: { entity: string; sensor: string }; Querystring: Range }>(
    '/api/smap/entity/:entity/sensor/:sensor',
    {
      config,
      schema: {
        summary: 'A sensor: as it was sent, and as the model expected it',
        params: Type.Object({ entity: nameLike('A-1'), sensor: nameLike('sensor_0') }),
        querystring: range,
        response: { 200: shapes.sensorSeries, ...problems(400, 404, 429) },
      },
    },
    async ({ params, query }) => {
      const entity = entityNamed(entities, params.entity, query.satellite);
      const sensor = entity.sensors.indexOf(params.sensor);
      if (sensor < 0) throw notFound('sensor');
      const [from, to] = timesIn(query);
      const own = await storedSamples(samples.of(keyOfEntity(entity)), series, entity, { from, to, sensor });
      const places = thinned(placesIn(own, from, to), (at) => own?.error(at, sensor) ?? NaN, query.points);
      return {
        satellite_id: entity.satellite,
        entity: entity.name,
        sensor: params.sensor,
        timestamps: places.map((at) => timeOf(own?.timestamp(at) ?? 0)),
        actual: places.map((at) => numberOrNull(own?.value(at, sensor))),
        reconstruction: places.map((at) => numberOrNull(own?.reconstruction(at, sensor))),
        error: places.map((at) => numberOrNull(own?.error(at, sensor))),
      };
    },
  );
}

function entityNamed(entities: readonly Entity[], wanted: string, satellite: string | undefined): Entity {
  const found = entities.filter((one) => one.name === wanted && (satellite ?? one.satellite) === one.satellite);
  const [first, second] = found;
  if (first === undefined) throw notFound('entity');
  if (second === undefined) return first;
  const of = found.map((one) => one.satellite).join(', ');
  throw new Refused(400, 'several satellites have an entity of this name', {
    errors: [{ field: 'satellite', detail: `one of ${of} is needed` }],
  });
}

function timesIn({ from, to }: Range): [from: number, to: number] {
  return [timeIn('from', from) ?? -Infinity, timeIn('to', to) ?? Infinity];
}

function timeIn(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new Refused(400, 'this is no time', {
    errors: [{ field, detail: 'write a time like 2026-01-31T12:00:00Z, or milliseconds since 1970' }],
  });
}

/** Samples may come late, and out of order with the clock. */
const placesIn = (own: EntitySamples | undefined, from: number, to: number): readonly number[] =>
  Array.from({ length: own?.count ?? 0 }, (_, at) => at).filter((at) => {
    const time = own?.timestamp(at) ?? NaN;
    return time >= from && time <= to;
  });

const numberOrNull = (number: number | undefined): number | null =>
  number === undefined || !Number.isFinite(number) ? null : number;
