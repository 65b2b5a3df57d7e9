import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DownlinkError } from '../../src/errors.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { openReadiness, type Readiness } from '../../src/telemetry/readiness.ts';
import { startTelemetry, type TelemetryServer } from '../../src/telemetry/server.ts';

let readiness: Readiness;
let server: TelemetryServer;
beforeEach(async () => {
  readiness = openReadiness(['copy']);
  server = await startTelemetry({ metrics: openMetrics(), readiness, host: '127.0.0.1', port: 0 });
});
afterEach(() => server.close());

const get = async (path: string, method = 'GET') => {
  const answer = await fetch(server.url + path, { method });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
};
const generation = (...partitions: readonly number[]) =>
  readiness.listen({ event: 'generation', stage: 'copy', number: 1, member: 'm', partitions });
const opened = (partition: number) =>
  readiness.listen({ event: 'lane-opened', stage: 'copy', partition, from: 0n, restored: 0, ms: 1 });
const ready = async () => {
  const { status, body } = await get('/ready');
  return [status, JSON.parse(body)] as const;
};

test('it is ready when every lane that it has is restored, and says what it waits for until then', async () => {
  const waiting = (...reasons: readonly object[]) => [503, { ready: false, reasons }];
  expect(await ready()).toEqual(waiting({ stage: 'copy', why: 'has no place in its group yet' }));
  generation(0, 1);
  opened(0);
  expect(await ready()).toEqual(waiting({ stage: 'copy', why: 'assigned, and not restored yet', partitions: [1] }));
  opened(1);
  expect(await ready()).toEqual([200, { ready: true }]);
  generation(1, 2);
  expect(await ready()).toEqual(waiting({ stage: 'copy', why: 'assigned, and not restored yet', partitions: [2] }));
  generation();
  expect(await ready()).toEqual([200, { ready: true }]);
  readiness.listen({ event: 'fenced', stage: 'copy', why: 'another' });
  expect(await ready()).toEqual(waiting({ stage: 'copy', why: 'has no place in its group yet' }));
  readiness.listen({ event: 'failed', stage: 'copy', error: new DownlinkError('unclassified', 'x') });
  expect(await ready()).toEqual(waiting({ stage: 'copy', why: 'failed: unclassified: x' }));
});

test('a lane that closes is not ready until it is opened anew', async () => {
  generation(0);
  opened(0);
  readiness.listen({ event: 'lane-closed', stage: 'copy', partition: 0, why: 'not committed' });
  expect((await ready())[0]).toBe(503);
  opened(0);
  expect((await ready())[0]).toBe(200);
});

test('it answers metrics and that it lives, refuses what is no question, and knows nothing else', async () => {
  expect(await get('/live')).toMatchObject({ status: 200, body: '{"live":true}\n' });
  const { status, type, body } = await get('/metrics?x=1');
  expect([status, type]).toEqual([200, expect.stringContaining('text/plain')]);
  expect(body).toContain('# TYPE downlink_lag_records gauge');
  expect((await get('/metrics', 'HEAD')).body).toBe('');
  expect((await get('/live', 'POST')).status).toBe(405);
  expect((await get('/')).status).toBe(404);
});
