import { afterEach, expect, test } from '@jest/globals';
import type { JobHistory } from '../../src/api/parts.ts';
import type { KnownJob } from '../../src/api/view/jobs.ts';
import { DownlinkError } from '../../src/errors.ts';
import type { SeriesHistory } from '../../src/sinks/victoria/series-history.ts';
import { apiUnderTest, series, type ApiUnderTest } from '../support/api.ts';

let api: ApiUnderTest | undefined;
afterEach(() => api?.app.close());

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const old = (number: number, owner = ''): KnownJob => ({
  id: idOf(number),
  owner,
  model: 'lstm',
  steps: 5,
  length: 8,
  submittedAt: 1000 * number,
  retryOf: null,
  fingerprint: '',
  result: {
    id: idOf(number),
    owner,
    model: 'lstm',
    model_version: '1',
    status: 'completed',
    detail: null,
    predictions: Float64Array.of(number),
    lower: Float64Array.of(0),
    upper: Float64Array.of(2),
    scores: new Float64Array(),
    anomaly_score: null,
    anomaly_detected: null,
    submitted_at: 1000 * number,
    inference_ms: 1,
    batch_size: 1,
    finishedAt: 1000 * number + 5,
  },
});

/** A database with seven results, three a page. */
const history: JobHistory = {
  job: (id) => Promise.resolve([1, 2, 3, 4, 5, 6, 7].map((number) => old(number)).find((one) => one.id === id)),
  results: ({ limit, after }) => {
    const all = [7, 6, 5, 4, 3, 2, 1].map((number) => old(number));
    const from = after === undefined ? 0 : Number(after);
    const end = from + Math.min(3, limit);
    return Promise.resolve({ jobs: all.slice(from, end), next: end < all.length ? String(end) : undefined });
  },
  check: () => Promise.resolve(),
};

test('a job that the view has no room for is found in the database', async () => {
  api = await apiUnderTest({ history });
  const { ask } = api;
  expect((await ask('GET', `/api/v1/inference/result/${idOf(3)}`)).body).toMatchObject({ predictions: [3] });
  expect((await ask('GET', `/api/v1/inference/status/${idOf(3)}`)).body).toMatchObject({ status: 'completed' });
  expect((await ask('GET', `/api/v1/inference/status/${idOf(9)}`)).status).toBe(404);
});

test('pages go on in the database where the view ends, without a repeat', async () => {
  api = await apiUnderTest({ history });
  const { ask, complete } = api;
  const payload = { model_name: 'lstm', data: series };
  const own = ((await ask('POST', '/api/v1/inference/submit', { payload })).body as { job_id: string }).job_id;
  complete(own);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const path: string = `/api/v1/inference/results?limit=10${next === '' ? '' : `&after=${next}`}`;
    const page = (await ask('GET', path)).body as { results: { job_id: string }[]; next: string | null };
    seen.push(...page.results.map(({ job_id }) => job_id));
    next = page.next;
  }
  expect(seen).toEqual([own, ...[7, 6, 5, 4, 3, 2, 1].map(idOf)]);
});

test('a database that does not answer is said to be so, and what the view has is shown all the same', async () => {
  const down = () => Promise.reject(new DownlinkError('postgres-unavailable', 'nobody listens on 10.0.0.7'));
  api = await apiUnderTest({ history: { job: down, results: down, check: down } });
  const { ask, complete } = api;
  const payload = { model_name: 'lstm', data: series };
  const id = ((await ask('POST', '/api/v1/inference/submit', { payload })).body as { job_id: string }).job_id;
  complete(id);
  expect((await ask('GET', `/api/v1/inference/result/${id}`)).status).toBe(200);
  const unknown = await ask('GET', `/api/v1/inference/status/${idOf(3)}`);
  expect([unknown.status, JSON.stringify(unknown.body)]).toEqual([503, expect.not.stringContaining('10.0.0.7')]);
});

test('samples that are older than the view come from VictoriaMetrics', async () => {
  const asked: unknown[] = [];
  const stored: SeriesHistory = {
    of: (metrics, labels, from, to) => {
      asked.push([metrics, labels, from, to]);
      const timestamps = [1000, 2000, 3000];
      return Promise.resolve(metrics.map((_, at) => ({ timestamps, values: [at, at + 0.5, at] })));
    },
  };
  api = await apiUnderTest({ series: stored });
  const { ask } = api;
  const overview = (await ask('GET', '/api/smap/entity/A-2/overview?from=0&to=5000')).body;
  expect(overview).toMatchObject({ anomaly_score: [0, 0.5, 0], detected: [true, false, true] });
  const sensor = (await ask('GET', '/api/smap/entity/A-2/sensor/current?from=0&to=5000')).body;
  expect(sensor).toMatchObject({ actual: [0, 0.5, 0], reconstruction: [1, 1.5, 1], error: [2, 2.5, 2] });
  const labels = { satellite_id: 'SAT-001', entity: 'A-2' };
  expect(asked).toEqual([
    [['smap_anomaly_score', 'smap_anomaly_detected'], labels, 0, 5000],
    [
      ['smap_sensor_value', 'smap_sensor_reconstruction', 'smap_sensor_error'],
      { ...labels, sensor: 'current' },
      0,
      5000,
    ],
  ]);
  // Without a beginning there is nothing older to ask for.
  await ask('GET', '/api/smap/entity/A-2/overview');
  expect(asked).toHaveLength(2);
});
