import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiParts } from '../parts.ts';
import { Refused } from '../problem.ts';
import * as shapes from '../shapes.ts';
import { statusOf, type KnownJob, type Result } from '../view/jobs.ts';
import { statisticsOf } from '../view/statistics.ts';
import { isOwn, jobOf, timeOf } from './jobs.ts';
import { problems } from './problems.ts';

interface Filter {
  readonly model?: string | undefined;
  readonly status?: 'completed' | 'failed' | 'cancelled' | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

export function resultRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { jobs, history } = parts;

  app.get<{ Params: { id: string }; Querystring: { wait: number } }>(
    '/api/v1/inference/result/:id',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What became of a job',
        params: Type.Object({ id: shapes.jobId }),
        querystring: Type.Object({
          wait: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 60,
              default: 0,
              description: 'so many seconds for the result, at most',
            }),
          ),
        }),
        response: { 200: shapes.result, 202: shapes.submitted, ...problems(400, 404, 429) },
      },
    },
    async ({ params, query, caller }, reply) => {
      const job = await jobOf(parts, caller, params.id);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const waited = AbortSignal.any([AbortSignal.timeout(1000 * query.wait), gone.signal]);
      const found = job.result ?? (query.wait > 0 ? await jobs.untilDone(job.id, waited) : undefined);
      if (found !== undefined) return resultShown(job, found);
      reply.code(202);
      const submitted = timeOf(job.submittedAt);
      return { job_id: job.id, status: 'queued', model_name: job.model, submitted_at: submitted };
    },
  );

  app.get<{ Querystring: Filter }>(
    '/api/v1/inference/results',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Results, the newest first',
        querystring: Type.Object({
          model: Type.Optional(Type.String({ maxLength: 100 })),
          status: Type.Optional(
            Type.Union((['completed', 'failed', 'cancelled'] as const).map((one) => Type.Literal(one))),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
          after: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
        }),
        response: { 200: shapes.page, ...problems(400, 429) },
      },
    },
    async ({ query: { model, status, limit, after }, caller }) => {
      const isOlder = after?.startsWith(older) === true;
      const page = isOlder
        ? { jobs: [], next: after }
        : newest(jobs.all(), { model, status, limit, after }, (job) => isOwn(caller, job));
      if (page.jobs.length > 0 || history === undefined) {
        const next = page.next ?? (history === undefined ? null : older);
        return { results: shown(page.jobs), next };
      }
      // What the view has no room for; what it has was on the pages before.
      const owner = caller.scopes.has('admin') ? undefined : caller.name;
      const cursor = isOlder && after !== older ? after.slice(older.length) : undefined;
      const found = await history.results({ owner, model, status, limit, after: cursor });
      const next = found.next === undefined ? null : `${older}${found.next}`;
      return { results: shown(found.jobs.filter(({ id }) => jobs.find(id) === undefined)), next };
    },
  );

  app.get<{ Querystring: { minutes: number } }>(
    '/api/v1/results/stats/summary',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Counts, success, throughput and latency',
        querystring: Type.Object({ minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440, default: 60 })) }),
        response: { 200: shapes.summary, ...problems(400, 429) },
      },
    },
    ({ query: { minutes }, caller }) => {
      const since = Date.now() - 60_000 * minutes;
      const own = jobs.all().filter((job) => job.submittedAt >= since && isOwn(caller, job));
      const first = own.reduce((least, { submittedAt }) => Math.min(least, submittedAt), Date.now() - 1000);
      const seconds = Math.max(1, (Date.now() - first) / 1000);
      const byModel = grouped(own);
      const models = [...byModel].map(([model, some]) => [model, statisticsOf(some, seconds)]);
      return { since: timeOf(since), all: statisticsOf(own, seconds), models: Object.fromEntries(models) as object };
    },
  );
}

/** Begins the cursors of pages from the database. */
const older = 'older.';

/** A page of what the view has. */
function newest(
  all: readonly KnownJob[],
  { model, status, limit, after }: Filter,
  isTheirs: (job: KnownJob) => boolean,
): { readonly jobs: readonly KnownJob[]; readonly next: string | null } {
  const wanted = all
    .filter(
      (job) =>
        job.result !== undefined &&
        isTheirs(job) &&
        (model === undefined || job.model === model) &&
        (status === undefined || statusOf(job) === status),
    )
    .sort(newestFirst);
  const from = after === undefined ? 0 : wanted.findIndex((job) => isBehind(job, cursorIn(after)));
  const jobs = from < 0 ? [] : wanted.slice(from, from + limit);
  const last = from < 0 || from + limit >= wanted.length ? undefined : jobs.at(-1);
  return { jobs, next: last === undefined ? null : `${last.submittedAt}.${last.id}` };
}

const shown = (jobs: readonly KnownJob[]) =>
  jobs.flatMap((job) => (job.result === undefined ? [] : [resultShown(job, job.result)]));

/** The newest first; of the same moment by their ids, in every process alike. */
const newestFirst = (a: KnownJob, b: KnownJob): number =>
  b.submittedAt - a.submittedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const isBehind = (job: KnownJob, cursor: Pick<KnownJob, 'submittedAt' | 'id'>): boolean =>
  newestFirst(cursor as KnownJob, job) < 0;

function cursorIn(after: string): Pick<KnownJob, 'submittedAt' | 'id'> {
  const [, submittedAt, id = ''] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(after) ?? [];
  if (submittedAt === undefined)
    throw new Refused(400, 'this is no page', { errors: [{ field: 'after', detail: 'is no `next` of a page' }] });
  return { submittedAt: Number(submittedAt), id };
}

function grouped(jobs: readonly KnownJob[]): ReadonlyMap<string, readonly KnownJob[]> {
  const models = new Map<string, KnownJob[]>();
  for (const job of jobs) {
    const own = models.get(job.model);
    if (own === undefined) models.set(job.model, [job]);
    else own.push(job);
  }
  return models;
}

/** As it is answered, and told to subscribers. */
export function resultShown(job: Pick<KnownJob, 'id' | 'model' | 'submittedAt'>, result: Result) {
  const total = Math.max(0, result.finishedAt - job.submittedAt);
  const inference = Math.min(total, result.inference_ms);
  const { lower, upper, scores } = result;
  return {
    job_id: job.id,
    status: result.status,
    model_name: job.model,
    model_version: result.model_version,
    submitted_at: timeOf(job.submittedAt),
    finished_at: timeOf(result.finishedAt),
    detail: result.detail,
    predictions: [...result.predictions],
    interval: lower.length === 0 ? null : { lower: [...lower], upper: [...upper] },
    scores: scores.length === 0 ? null : [...scores],
    anomaly_score: result.anomaly_score,
    anomaly_detected: result.anomaly_detected,
    metrics: {
      inference_time: inference,
      queue_time: total - inference,
      total_time: total,
      batch_size: result.batch_size,
    },
  };
}
