import { Type, type Static } from '@sinclair/typebox';

// What the requests are checked against, and what the OpenAPI document says: the same objects.

const closed = { additionalProperties: false } as const;
export const jobId = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });
const instant = Type.String({ description: 'A time, in UTC.', examples: ['2026-01-31T12:00:00.000Z'] });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const numbers = Type.Array(Type.Number());

export const status = Type.Union(
  (['queued', 'completed', 'failed', 'cancelled'] as const).map((one) => Type.Literal(one)),
);

export const problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }, closed))),
    request_id: Type.Optional(Type.String()),
  },
  { ...closed, description: 'RFC 9457. `errors` names each field that is wrong.' },
);

export const submission = Type.Object(
  {
    model_name: Type.String({ minLength: 1, maxLength: 100, examples: ['lstm_timeseries'] }),
    data: Type.Array(Type.Number(), {
      minItems: 1,
      maxItems: 4096,
      description: 'The series, oldest first. How many a model takes stands in /api/v1/models.',
      examples: [[1.2, 2.3, 3.1, 2.8, 3.5, 4.2, 3.9, 4.5]],
    }),
    config: Type.Optional(
      Type.Object(
        {
          forecast_steps: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 4096,
              description: 'Of models that forecast; 10 where it is left out.',
            }),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Submission = Static<typeof submission>;

export const submitted = Type.Object(
  { job_id: jobId, status, model_name: Type.String(), submitted_at: instant },
  { ...closed, description: 'It is in the log, and gets one result.' },
);

export const jobStatus = Type.Object(
  {
    job_id: jobId,
    status,
    model_name: Type.String(),
    submitted_at: instant,
    finished_at: orNull(instant),
    retry_of: orNull(jobId),
  },
  closed,
);

export const result = Type.Object(
  {
    job_id: jobId,
    status,
    model_name: Type.String(),
    model_version: orNull(Type.String()),
    submitted_at: instant,
    finished_at: instant,
    detail: orNull(Type.String({ description: 'Why it failed.' })),
    predictions: numbers,
    interval: orNull(
      Type.Object({ lower: numbers, upper: numbers }, { ...closed, description: 'Of a forecast: 80 % of it.' }),
    ),
    scores: orNull(numbers),
    anomaly_score: orNull(Type.Number()),
    anomaly_detected: orNull(Type.Boolean()),
    metrics: Type.Object(
      {
        inference_time: Type.Number({ description: 'ms, the queue of the inference server included' }),
        queue_time: Type.Number({ description: 'ms, all of the rest' }),
        total_time: Type.Number({ description: 'ms, from the submission to the result' }),
        batch_size: Type.Integer({ description: 'how many jobs were asked in one call' }),
      },
      closed,
    ),
  },
  closed,
);

export const page = Type.Object({ results: Type.Array(result), next: orNull(Type.String()) }, closed);

const latency = Type.Object(
  { p50: orNull(Type.Number()), p95: orNull(Type.Number()), p99: orNull(Type.Number()) },
  closed,
);
const statistics = Type.Object(
  {
    queued: Type.Integer(),
    completed: Type.Integer(),
    failed: Type.Integer(),
    cancelled: Type.Integer(),
    success_rate: orNull(Type.Number()),
    throughput: Type.Number({ description: 'jobs done, a second' }),
    latency_ms: latency,
  },
  closed,
);
export const summary = Type.Object(
  { since: instant, all: statistics, models: Type.Record(Type.String(), statistics) },
  closed,
);

export const models = Type.Object(
  {
    models: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          task: Type.String({ description: 'forecast, reconstruct, or plain: numbers in, numbers out' }),
          kind: Type.String(),
          least: Type.Integer({ description: 'the fewest numbers that it takes' }),
          most: Type.Integer(),
          max_forecast_steps: orNull(Type.Integer()),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const health = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
    dependencies: Type.Record(
      Type.String(),
      Type.Object(
        { status: Type.Union([Type.Literal('ok'), Type.Literal('down')]), detail: orNull(Type.String()) },
        closed,
      ),
    ),
  },
  closed,
);

export const satellites = Type.Object(
  { satellites: Type.Array(Type.Object({ id: Type.String(), entities: Type.Array(Type.String()) }, closed)) },
  closed,
);

export const overview = Type.Object(
  {
    satellite_id: Type.String(),
    entity: Type.String(),
    timestamps: Type.Array(instant),
    anomaly_score: Type.Array(orNull(Type.Number())),
    detected: Type.Array(Type.Boolean()),
    anomalies: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          phase: Type.String(),
          begin: instant,
          end: instant,
          severity: Type.Number(),
          peak_severity: Type.Number(),
          rules: Type.Array(Type.String()),
          sentence: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const sensorSeries = Type.Object(
  {
    satellite_id: Type.String(),
    entity: Type.String(),
    sensor: Type.String(),
    timestamps: Type.Array(instant),
    actual: Type.Array(orNull(Type.Number())),
    reconstruction: Type.Array(orNull(Type.Number())),
    error: Type.Array(orNull(Type.Number())),
  },
  closed,
);
