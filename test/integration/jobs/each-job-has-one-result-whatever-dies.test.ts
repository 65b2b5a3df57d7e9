import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { inTurns, jobOf, submitted, subscribe } from '../../support/job-clients.ts';
import { startJobs, type JobsSystem } from '../../support/jobs-system.ts';

const jobs = 600;

let system: JobsSystem;
beforeAll(async () => {
  system = await startJobs();
}, 60_000);
afterAll(() => system.close());

test('each job that was taken has one result, and whoever listens hears of it once, whatever dies meanwhile', async () => {
  const { api } = system;
  const subscriber = subscribe(api);
  const ids = new Set<string>();
  const submitting = inTurns(jobs, 8, async (number) => {
    ids.add(await submitted(api, `job-${number}`, jobOf(number)));
  });
  const reached = (share: number) => eventually(`${share} are taken`, () => ids.size >= share * jobs, 60_000);
  for (const [at, part] of (['api', 'stages', 'inference-server', 'broker'] as const).entries()) {
    await reached((at + 1) / 6);
    await system.restart(part);
  }
  await submitting;
  expect(ids.size).toBe(jobs);

  await eventually('each has a result', async () => (await system.results()).length >= jobs, 60_000);
  const results = await system.results();
  expect(new Set(results.map(({ id }) => id))).toEqual(ids);
  expect(results).toHaveLength(jobs);
  expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);

  await eventually('the subscriber has heard of each', () => subscriber.heard.size >= jobs, 30_000);
  expect([...subscriber.heard].filter(([id, times]) => times !== 1 || !ids.has(id))).toEqual([]);
  expect(subscriber.gaps()).toBe(0);
  subscriber.close();
  const page = (await (await fetch(`${api}/api/v1/results/stats/summary`)).json()) as { all: Record<string, number> };
  expect(page.all).toMatchObject({ queued: 0, completed: jobs, failed: 0, cancelled: 0 });
}, 180_000);
