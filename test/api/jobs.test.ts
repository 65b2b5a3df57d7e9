import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DownlinkError } from '../../src/errors.ts';
import { apiUnderTest, series, type ApiUnderTest } from '../support/api.ts';

interface Answer {
  readonly job_id: string;
  readonly status: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
  readonly results: readonly { readonly job_id: string }[];
  readonly next: string | null;
}

let api: ApiUnderTest;
beforeEach(async () => {
  api = await apiUnderTest();
});
afterEach(() => api.app.close());

const url = '/api/v1/inference/submit';
const submit = async (payload: object, headers: Record<string, string> = {}) => {
  const answer = await api.ask('POST', url, { payload, headers });
  return { ...answer, body: answer.body as Answer };
};
const get = async (path: string) => {
  const { status, headers, body } = await api.ask('GET', path);
  return { status, type: headers.get('content-type'), body: body as Answer };
};
const remove = async (id: string) => {
  const { status, body } = await api.ask('DELETE', `/api/v1/inference/${id}`);
  return { status, body: body as Answer };
};
const fieldsOf = ({ errors = [] }: Answer) => errors.map(({ field }) => field);
const job = { model_name: 'lstm', data: series };

describe('a job that is answered 202', () => {
  test('was written before, has a status at once, and its result when that is there', async () => {
    const { status, body, headers } = await submit({ ...job, config: { forecast_steps: 5 } });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/v1/inference/status/${body.job_id}`);
    expect(api.written).toMatchObject([{ id: body.job_id, model: 'lstm', data: series, forecast_steps: 5, owner: '' }]);
    expect((await get(`/api/v1/inference/status/${body.job_id}`)).body.status).toBe('queued');
    expect((await get(`/api/v1/inference/result/${body.job_id}`)).status).toBe(202);
    api.complete(body.job_id);
    const result = await get(`/api/v1/inference/result/${body.job_id}`);
    expect(result.status).toBe(200);
    expect(result.body).toMatchObject({
      status: 'completed',
      predictions: [1, 2],
      interval: { lower: [0, 1], upper: [2, 3] },
      metrics: { batch_size: 3 },
    });
  });

  test('is waited for as long as is asked', async () => {
    const { body } = await submit(job);
    const waiting = get(`/api/v1/inference/result/${body.job_id}?wait=5`);
    setTimeout(() => api.complete(body.job_id), 50);
    expect((await waiting).body.status).toBe('completed');
  });

  test('has one result, the first, whatever comes after', async () => {
    const { body } = await submit(job);
    api.complete(body.job_id);
    api.complete(body.job_id, { predictions: [9] });
    expect((await get(`/api/v1/inference/result/${body.job_id}`)).body).toMatchObject({ predictions: [1, 2] });
  });
});

test('a job that could not be written is no job, and the answer says what to do', async () => {
  api.failWrites(new DownlinkError('kafka-unavailable', 'no broker answers'));
  const { status, body, headers } = await submit(job);
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(body).toMatchObject({ detail: expect.stringContaining('Idempotency-Key') as unknown });
});

describe('an Idempotency-Key', () => {
  test('gives the same id again, and is written once', async () => {
    const first = await submit(job, { 'idempotency-key': 'k' });
    const again = await submit(job, { 'idempotency-key': 'k' });
    expect(again.body.job_id).toBe(first.body.job_id);
    expect(api.written).toHaveLength(1);
    api.complete(first.body.job_id);
    expect((await submit(job, { 'idempotency-key': 'k' })).body.status).toBe('completed');
    expect((await submit(job, { 'idempotency-key': 'other' })).body.job_id).not.toBe(first.body.job_id);
  });

  test('is for one request', async () => {
    await submit(job, { 'idempotency-key': 'k' });
    const other = await submit({ ...job, data: [...series, 1] }, { 'idempotency-key': 'k' });
    expect([other.status, fieldsOf(other.body)]).toEqual([409, ['Idempotency-Key']]);
  });
});

describe('what cannot be', () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['a model that there is not', { ...job, model_name: 'x' }, ['model_name']],
    ['too few numbers', { ...job, data: [1] }, ['data']],
    ['too many numbers', { ...job, data: Array.from({ length: 513 }, () => 1) }, ['data']],
    ['a text for a number', { ...job, data: [...series, '1'] }, ['data[8]']],
    ['null for a number', { ...job, data: [...series, null] }, ['data[8]']],
    ['more steps than the model has', { ...job, config: { forecast_steps: 65 } }, ['config.forecast_steps']],
    ['half a step', { ...job, config: { forecast_steps: 1.5 } }, ['config.forecast_steps']],
    [
      'steps of what does not forecast',
      { model_name: 'vae', data: series, config: { forecast_steps: 3 } },
      ['config.forecast_steps'],
    ],
    ['a field that nobody knows', { ...job, horizon: 3 }, ['horizon']],
    ['nothing', {}, ['model_name', 'data']],
  ];
  test.each(cases)('%s: 422 names the field', async (_, payload, fields) => {
    const { status, body, headers } = await submit(payload);
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(fieldsOf(body)).toEqual(fields);
    expect(api.written).toEqual([]);
  });

  test('1e999 is no number', async () => {
    const headers = { 'content-type': 'application/json' };
    const text = '{"model_name":"lstm","data":[1,2,3,4,5,6,7,1e999]}';
    const { status, body } = await api.ask('POST', url, { text, headers });
    expect([status, fieldsOf(body as Answer)]).toEqual([422, ['data[7]']]);
  });

  test('a body that is too large, is no JSON, or of another kind', async () => {
    const send = async (text: string, type: string) =>
      (await api.ask('POST', url, { text, headers: { 'content-type': type } })).status;
    expect(await send(`{"x":"${'x'.repeat(70_000)}"}`, 'application/json')).toBe(413);
    expect(await send('{"model', 'application/json')).toBe(400);
    expect(await send('model=lstm', 'text/plain')).toBe(415);
  });

  test('an id that is none, or that nobody has', async () => {
    expect((await get('/api/v1/inference/status/x')).status).toBe(400);
    const unknown = await get('/api/v1/inference/result/00000000-0000-4000-8000-000000000000');
    expect([unknown.status, unknown.type]).toEqual([404, 'application/problem+json']);
  });
});

describe('a job is taken back', () => {
  test('while nobody works on it', async () => {
    const { body } = await submit(job);
    const deleting = remove(body.job_id);
    setTimeout(() => api.complete(body.job_id, { status: 'cancelled', predictions: [] }), 20);
    const answer = await deleting;
    expect([answer.status, answer.body.status]).toEqual([200, 'cancelled']);
    expect(api.written[1]).toMatchObject({ id: body.job_id, owner: '' });
  });

  test('not when it is done', async () => {
    const { body } = await submit(job);
    api.complete(body.job_id);
    expect((await remove(body.job_id)).status).toBe(409);
    expect(api.written).toHaveLength(1);
  });
});

test('results come the newest first, in pages that neither repeat nor leave out', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 25; at++) ids.push((await submit({ ...job, data: [...series, at] })).body.job_id);
  for (const id of ids) api.complete(id);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const after: string = next === '' ? '' : `&after=${next}`;
    const { body } = await get(`/api/v1/inference/results?limit=10${after}`);
    seen.push(...body.results.map(({ job_id }) => job_id));
    next = body.next;
  }
  expect([...seen].sort()).toEqual([...ids].sort());
  expect((await get('/api/v1/inference/results?status=failed')).body.results).toEqual([]);
  expect((await get('/api/v1/inference/results?limit=0')).status).toBe(400);
});

test('the summary counts, and says how long it took', async () => {
  for (const status of ['completed', 'completed', 'failed', 'cancelled'] as const)
    api.complete((await submit(job)).body.job_id, { status });
  await submit({ model_name: 'vae', data: series });
  const { body } = await get('/api/v1/results/stats/summary');
  expect(body).toMatchObject({
    all: { queued: 1, completed: 2, failed: 1, cancelled: 1, success_rate: 2 / 3 },
    models: { lstm: { queued: 0, completed: 2 }, vae: { queued: 1 } },
  });
});

test('the document says of every route what it may answer', async () => {
  const { body } = await get('/openapi.json');
  const { openapi, paths } = body as unknown as { openapi: string; paths: Record<string, Record<string, object>> };
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths).sort()).toEqual(
    [
      '/api/smap/entity/{entity}/overview',
      '/api/smap/entity/{entity}/sensor/{sensor}',
      '/api/smap/satellites',
      '/api/v1/inference/results',
      '/api/v1/inference/result/{id}',
      '/api/v1/inference/status/{id}',
      '/api/v1/inference/submit',
      '/api/v1/inference/{id}',
      '/api/v1/inference/{id}/retry',
      '/api/v1/models',
      '/api/v1/results/stats/summary',
      '/health',
    ].sort(),
  );
});
