import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { inTurns, jobOf, submitted, subscribe } from '../support/job-clients.ts';
import { jobParts, startJobs } from '../support/jobs-system.ts';
import { credentials, startPostgres } from '../support/postgres.ts';

const jobs = 5_000;

describeWith('postgresProgram', 'jobs, with their results in a PostgreSQL', ({ folder }) => {
  test('5,000 of them, while everything dies in turn: one result each, one row, one message', async () => {
    const postgres = await startPostgres(folder);
    const address = await postgres.database('jobs');
    const url = `postgres://127.0.0.1:${postgres.port}/jobs`;
    const system = await startJobs({
      postgres: { url, username: credentials.username, password: credentials.password.reveal() },
    });
    const subscriber = subscribe(system.api);
    try {
      const ids = new Set<string>();
      const state = { isOver: false };
      let deaths = 0;
      const submitting = inTurns(jobs, 16, async (number) => {
        ids.add(await submitted(system.api, `job-${number}`, jobOf(number)));
        await delay(60);
      }).finally(() => (state.isOver = true));
      const killing = (async () => {
        for (let at = 0; !state.isOver; at++) {
          await delay(300);
          const part = [...jobParts, 'postgres' as const][at % (jobParts.length + 1)] ?? 'api';
          if (part === 'postgres') {
            await postgres.kill();
            await delay(300);
            await postgres.start();
          } else await system.restart(part);
          deaths += 1;
        }
      })();
      await Promise.all([submitting, killing]);
      expect(ids.size).toBe(jobs);

      await eventually('each has a result', async () => (await system.results()).length >= jobs, 120_000);
      const results = await system.results();
      expect(results).toHaveLength(jobs);
      expect(new Set(results.map(({ id }) => id))).toEqual(ids);
      expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);

      const rowsOf = async (table: string) => {
        const sql = `select count(*)::int as all, count(distinct id)::int as ids from ${table}`;
        return (await postgres.query<{ all: number; ids: number }>(address, sql))[0];
      };
      for (const table of ['inference_results', 'jobs']) {
        await eventually(`${table} are stored`, async () => (await rowsOf(table))?.all === jobs, 120_000);
        expect(await rowsOf(table)).toEqual({ all: jobs, ids: jobs });
      }
      await eventually('the subscriber has heard of each', () => subscriber.heard.size >= jobs, 60_000);
      expect([...subscriber.heard].filter(([id, times]) => times !== 1 || !ids.has(id))).toEqual([]);
      process.stderr.write(`${deaths} deaths; ${subscriber.gaps()} gaps\n`);
    } finally {
      subscriber.close();
      await system.close();
      await postgres.stop();
    }
  }, 600_000);
});
