import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash, randomUUID } from 'node:crypto';
import type { Records } from '../../contract/index.ts';
import { problemOf as problemOfJob } from '../../stages/predict/problem.ts';
import type { ApiKey } from '../keys.ts';
import type { ApiLimits, ApiParts } from '../parts.ts';
import { notFound, Refused } from '../problem.ts';
import * as shapes from '../shapes.ts';
import { fingerprintOf, statusOf, type KnownJob } from '../view/jobs.ts';
import { problems } from './problems.ts';

type Job = Records['job'];

const byId = { params: Type.Object({ id: shapes.jobId }) };
const defaultSteps = 10;
const cancelWaitMs = 2_000;

/** Jobs of others are not there, as far as anybody but an admin can tell. */
export const isOwn = ({ name, scopes }: ApiKey, { owner }: Pick<KnownJob, 'owner'>): boolean =>
  owner === name || scopes.has('admin');

/** One that is known; what another process took a moment ago is waited for. */
export async function jobOf({ jobs, caughtUp, history }: ApiParts, caller: ApiKey, id: string): Promise<KnownJob> {
  if (jobs.find(id) === undefined) await caughtUp();
  const job = jobs.find(id) ?? (await history?.job(id));
  if (job === undefined || !isOwn(caller, job)) throw notFound('job');
  return job;
}

export const timeOf = (ms: number): string => new Date(ms).toISOString();

export function jobRoutes(app: FastifyInstance, parts: ApiParts, limits: ApiLimits): void {
  app.post<{ Body: shapes.Submission; Headers: { 'idempotency-key'?: string } }>(
    '/api/v1/inference/submit',
    {
      config: { scope: 'submit' },
      schema: {
        summary: 'Submit a series',
        description: 'With an Idempotency-Key the same request may be sent any number of times, and is one job.',
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
        body: shapes.submission,
        response: { 202: shapes.submitted, ...problems(400, 409, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { caller, body } = request;
      const asked = askedIn(body, parts);
      const key = request.headers['idempotency-key'];
      const id = key === undefined ? randomUUID() : idOf(caller.name, key);
      const before = key === undefined ? undefined : await known(parts, id);
      if (before !== undefined && before.fingerprint !== fingerprintOf(asked))
        throw new Refused(409, 'another request was sent with this Idempotency-Key', {
          errors: [{ field: 'Idempotency-Key', detail: 'belongs to another request' }],
        });
      const submittedAt = before?.submittedAt ?? Date.now();
      if (before === undefined) {
        if (parts.jobs.queued >= limits.queued)
          throw new Refused(429, `${limits.queued} jobs wait already`, { headers: { 'retry-after': '1' } });
        await append(parts, request, { id, owner: caller.name, ...asked, submitted_at: submittedAt, retry_of: null });
      }
      reply.code(202).header('location', `/api/v1/inference/status/${id}`);
      const status = before === undefined ? 'queued' : statusOf(before);
      return { job_id: id, status, model_name: asked.model, submitted_at: timeOf(submittedAt) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/inference/status/:id',
    {
      config: { scope: 'read' },
      schema: { summary: 'How a job is', ...byId, response: { 200: shapes.jobStatus, ...problems(400, 404, 429) } },
    },
    async ({ params, caller }) => statusShown(await jobOf(parts, caller, params.id)),
  );

  app.delete<{ Params: { id: string } }>(
    '/api/v1/inference/:id',
    {
      config: { scope: 'submit' },
      schema: {
        summary: 'Take a job back, as long as nobody works on it',
        ...byId,
        response: { 200: shapes.jobStatus, 202: shapes.jobStatus, ...problems(400, 404, 409, 429, 503) },
      },
    },
    async ({ params, caller }, reply) => {
      const job = await jobOf(parts, caller, params.id);
      if (job.result === undefined) {
        await parts.log.append({ id: job.id, owner: job.owner, cancelled_at: Date.now() }, job.model);
        await parts.jobs.untilDone(job.id, AbortSignal.timeout(cancelWaitMs));
      }
      const after = parts.jobs.find(job.id) ?? job;
      const status = statusOf(after);
      if (status === 'completed' || status === 'failed')
        throw new Refused(409, `the job is ${status} already`, { errors: [{ field: 'id', detail: status }] });
      // Whoever works on it says which of both it becomes.
      reply.code(status === 'cancelled' ? 200 : 202);
      return statusShown(after);
    },
  );

  app.post<{ Params: { id: string }; Body: Pick<shapes.Submission, 'data'> | null }>(
    '/api/v1/inference/:id/retry',
    {
      config: { scope: 'submit' },
      schema: {
        summary: 'Do a job again, under a new id; its series has to be sent again, as only the log keeps it',
        ...byId,
        body: Type.Pick(shapes.submission, ['data']),
        response: { 202: shapes.submitted, ...problems(400, 404, 409, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { caller, params, body } = request;
      const job = await jobOf(parts, caller, params.id);
      const config = job.steps === null ? {} : { config: { forecast_steps: job.steps } };
      const asked = askedIn({ model_name: job.model, data: body?.data ?? [], ...config }, parts);
      if (fingerprintOf(asked) !== job.fingerprint)
        throw new Refused(409, 'this is not the series of that job', {
          errors: [{ field: 'data', detail: 'is another one' }],
        });
      const [id, submittedAt] = [randomUUID(), Date.now()];
      await append(parts, request, { id, owner: job.owner, ...asked, submitted_at: submittedAt, retry_of: job.id });
      reply.code(202).header('location', `/api/v1/inference/status/${id}`);
      return { job_id: id, status: 'queued', model_name: asked.model, submitted_at: timeOf(submittedAt) };
    },
  );
}

async function append({ jobs, log }: ApiParts, { headers }: FastifyRequest, job: Job): Promise<void> {
  const { traceparent } = headers;
  await log.append(
    job,
    job.model,
    typeof traceparent === 'string' && isTrace.test(traceparent) ? traceparent : undefined,
  );
  // Who asks this process next need not wait until it is read back.
  jobs.sawJob(job);
}

const isTrace = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The same for the same key of the same owner, in every process. */
function idOf(owner: string, key: string): string {
  const digest = createHash('sha256').update(`${owner}\0${key}`).digest('hex');
  const variant = ((parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`];
  return [...parts, `${variant}${digest.slice(18, 20)}`, digest.slice(20, 32)].join('-');
}

async function known({ jobs, caughtUp }: ApiParts, id: string): Promise<KnownJob | undefined> {
  if (jobs.find(id) === undefined) await caughtUp();
  return jobs.find(id);
}

function askedIn({ model_name, data, config }: shapes.Submission, { models }: ApiParts) {
  const model = models.get(model_name);
  if (model === undefined) {
    const detail = `there is no model of this name; there are ${[...models.keys()].join(', ')}`;
    throw new Refused(422, 'no such model', { errors: [{ field: 'model_name', detail }] });
  }
  const steps = config?.forecast_steps;
  if (steps !== undefined && model.task !== 'forecast') {
    const errors = [{ field: 'config.forecast_steps', detail: `${model_name} does not forecast` }];
    throw new Refused(422, 'the model cannot answer this', { errors });
  }
  const forecastSteps = model.task === 'forecast' ? (steps ?? Math.min(defaultSteps, model.horizon)) : null;
  const problem = problemOfJob(data, forecastSteps, model);
  if (problem !== undefined) {
    const errors = problem.split('; ').map((one) => {
      const [field = '', ...words] = one.split(': ');
      return { field: field === 'forecast_steps' ? 'config.forecast_steps' : field, detail: words.join(': ') };
    });
    throw new Refused(422, 'the model cannot answer this', { errors });
  }
  return { model: model_name, data, forecast_steps: forecastSteps };
}

const statusShown = (job: KnownJob) => ({
  job_id: job.id,
  status: statusOf(job),
  model_name: job.model,
  submitted_at: timeOf(job.submittedAt),
  finished_at: job.result === undefined ? null : timeOf(job.result.finishedAt),
  retry_of: job.retryOf,
});
