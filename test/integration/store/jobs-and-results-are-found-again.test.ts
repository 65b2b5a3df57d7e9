import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Row } from '../../../src/contract/index.ts';
import { openHistory, type History } from '../../../src/sinks/postgres/history.ts';
import { openPostgres } from '../../../src/sinks/postgres/sink.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { validRecords } from '../../support/samples.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const hour = 3_600_000;
const { job } = validRecords;
const result = validRecords['job-result'];

describeWith('postgresProgram', 'the history in a real PostgreSQL', ({ folder }) => {
  let postgres: Postgres;
  let history: History;
  beforeAll(async () => {
    postgres = await startPostgres(folder);
    const address = await postgres.database('history');
    const tables = ['jobs', 'inference_results'] as const;
    const keeping = { retentionDays: 0, partitionBy: 'day' } as const;
    const sink = openPostgres({ address, stage: 's', tables, keeping, emit: () => undefined, now: () => noon });
    const rows: Row[] = Array.from({ length: 60 }, (_, i) => {
      const submitted_at = noon - i * hour;
      // Three at a time are complete at the same time.
      const completed_at = noon - Math.floor(i / 3) * hour;
      const times = { submitted_at, completed_at, total_ms: i, queue_ms: 0 };
      const more = { owner: i % 2 === 0 ? 'even' : 'odd', status: i % 10 === 0 ? 'failed' : 'completed' };
      const model = i % 4 === 0 ? 'vae' : 'lstm';
      return { table: 'inference_results', columns: { ...result, ...more, ...times, model, id: idOf(i) } };
    });
    rows.push({ table: 'jobs', columns: { ...job, id: idOf(0), submitted_at: noon } });
    rows.push({ table: 'jobs', columns: { ...job, id: 'waiting', submitted_at: noon } });
    rows.push({ table: 'job_cancels', columns: { id: 'waiting', owner: job.owner, cancelled_at: noon + 7 } });
    const values = rows.map((value) => ({ key: '', value }));
    const behind = { group: 'g', topic: 't', partition: 0, next: 1n };
    await sink.write(values, new AbortController().signal, behind);
    await sink.close();
    history = openHistory(address);
  }, 60_000);
  afterAll(async () => {
    await history.close();
    await postgres.stop();
  });

  const idOf = (i: number): string => `job-${String(i).padStart(2, '0')}`;

  test('a job is found with its result, one that waits without, and what there never was not at all', async () => {
    const { id, owner, model, data } = job;
    expect(await history.job(idOf(0))).toEqual({
      job: { id: idOf(0), owner, model, data, forecastSteps: 5, submittedAt: noon, retryOf: null, cancelledAt: null },
      result: {
        ...{ id: idOf(0), owner: 'even', model: 'vae', modelVersion: '1', status: 'failed', detail: null },
        ...{ predictions: result.predictions, lower: result.lower, upper: result.upper, scores: [] },
        ...{ anomalyScore: null, anomalyDetected: null, submittedAt: noon, completedAt: noon },
        ...{ inferenceMs: 1.5, queueMs: 0, totalMs: 0, batchSize: 8 },
      },
    });
    expect(await history.job('waiting')).toMatchObject({ job: { cancelledAt: noon + 7 }, result: undefined });
    expect(await history.job(id)).toEqual({ job: undefined, result: undefined });
    expect(await history.job(`'; drop table jobs; --`)).toEqual({ job: undefined, result: undefined });
  });

  test('page after page, the newest first, each result comes once', async () => {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await history.results({ limit: 7, after });
      expect(page.results.length).toBeLessThanOrEqual(7);
      found.push(...page.results.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    const newest = Array.from({ length: 60 }, (_, i) => i).sort(
      (a, b) => Math.floor(a / 3) - Math.floor(b / 3) || b - a,
    );
    expect(found).toEqual(newest.map(idOf));
  });

  test.each([
    [{ owner: 'even' }, 30],
    [{ model: 'vae' }, 15],
    [{ status: 'failed' }, 6],
    [{ owner: 'odd', status: 'failed' }, 0],
    [{ from: noon - 2 * hour }, 9],
    [{ to: noon - 2 * hour }, 50],
    [{ from: noon - 2 * hour, to: noon - hour, model: 'lstm' }, 2],
    [{ limit: 0 }, 1],
    [{ limit: 1e9 }, 60],
    [{ after: 'nonsense' }, 50],
    [{ from: -1e300, to: 1e300, limit: 500 }, 60],
  ])('%j are %i', async (filter, count) => {
    expect((await history.results(filter)).results).toHaveLength(count);
  });

  test('of each model it says how many there were, and how long they took', async () => {
    expect(await history.stats({ owner: 'even' })).toEqual([
      { model: 'lstm', status: 'completed', count: 12, meanInferenceMs: 1.5, medianTotalMs: 30, p95TotalMs: 55.8 },
      { model: 'lstm', status: 'failed', count: 3, meanInferenceMs: 1.5, medianTotalMs: 30, p95TotalMs: 48 },
      { model: 'vae', status: 'completed', count: 12, meanInferenceMs: 1.5, medianTotalMs: 30, p95TotalMs: 53.8 },
      { model: 'vae', status: 'failed', count: 3, meanInferenceMs: 1.5, medianTotalMs: 20, p95TotalMs: 38 },
    ]);
  });
});
