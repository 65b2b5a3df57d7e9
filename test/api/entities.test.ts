import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Records } from '../../src/contract/index.ts';
import { apiUnderTest, type ApiUnderTest } from '../support/api.ts';
import { validRecords } from '../support/samples.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await apiUnderTest();
});
afterEach(() => api.app.close());

/** One sample: a second after the other, with a spike now and then. */
const sample = (second: number): Records['scores'] => ({
  ...validRecords.scores,
  satellite_id: 'SAT-001',
  entity: 'A-2',
  indices: [second],
  timestamps: [1000 * second],
  values: Float32Array.of(second, -second),
  normalised: Float32Array.of(0.5, second === 37 ? 9 : 0.5),
  reconstruction: Float32Array.of(0.5, 0.25),
  score: Float32Array.of(second === 51 ? 5 : second === 70 ? NaN : 0.25),
  detected: [second === 51],
  warming: [false],
  gap: [false],
});
const get = async (path: string) => (await api.ask('GET', path)) as { status: number; body: Record<string, unknown[]> };
const overview = '/api/smap/entity/A-2/overview';

test('the fleet is shown as it is', async () => {
  expect((await get('/api/smap/satellites')).body).toEqual({
    satellites: [
      { id: 'SAT-001', entities: ['A-1', 'A-2'] },
      { id: 'SAT-002', entities: ['A-1'] },
    ],
  });
});

test('of more samples than there is room for the last are shown', async () => {
  for (let second = 0; second < 130; second++) api.feed(sample(second));
  const { body } = await get(overview);
  expect(body['timestamps']).toHaveLength(100);
  expect(body['timestamps']?.[0]).toBe(new Date(30_000).toISOString());
  expect(body['anomaly_score']?.[21]).toBe(5);
  expect(body['detected']?.indexOf(true)).toBe(21);
  // JSON has no NaN.
  expect(body['anomaly_score']?.[40]).toBeNull();
});

test('a range is a range, in time or in milliseconds', async () => {
  for (let second = 0; second < 100; second++) api.feed(sample(second));
  const to = new Date(20_000).toISOString();
  const { body } = await get(`${overview}?from=10000&to=${to}`);
  expect(body['timestamps']).toHaveLength(11);
  expect((await get(`${overview}?from=yesterday`)).status).toBe(400);
});

test('fewer points still have what stands out', async () => {
  for (let second = 0; second < 100; second++) api.feed(sample(second));
  const { body } = await get(`${overview}?points=10`);
  expect(body['anomaly_score']?.length).toBeLessThanOrEqual(10);
  expect(body['anomaly_score']).toContain(5);
  const sensor = (await get('/api/smap/entity/A-2/sensor/current?points=10')).body;
  expect(Math.max(...(sensor['error'] as number[]))).toBe(8.75 ** 2);
  const place = sensor['error']?.indexOf(8.75 ** 2) ?? -1;
  expect([sensor['actual']?.[place], sensor['reconstruction']?.[place]]).toEqual([-37, 0.25]);
});

test('anomalies are shown as their last record says', async () => {
  api.feed(sample(0));
  const anomaly = { ...validRecords.anomaly, satellite_id: 'SAT-001', entity: 'A-2', begin_time: 0, end_time: 5 };
  api.feed({ ...anomaly, phase: 'opened', severity: 1 });
  api.feed({ ...anomaly, phase: 'closed', severity: 0 });
  const { body } = await get(overview);
  expect(body['anomalies']).toMatchObject([
    { id: anomaly.id, phase: 'closed', severity: 0, begin: '1970-01-01T00:00:00.000Z' },
  ]);
  expect((await get(`${overview}?from=10`)).body['anomalies']).toEqual([]);
});

test('what there is not is not found; what several have needs the satellite', async () => {
  expect((await get('/api/smap/entity/Z-9/overview')).status).toBe(404);
  expect((await get('/api/smap/entity/A-2/sensor/x')).status).toBe(404);
  expect((await get('/api/smap/entity/A-1/overview')).status).toBe(400);
  expect((await get('/api/smap/entity/A-1/overview?satellite=SAT-002')).status).toBe(200);
});
