import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Row } from '../../../src/contract/index.ts';
import type { PostgresAddress } from '../../../src/sinks/postgres/pool.ts';
import type { Keeping } from '../../../src/sinks/postgres/retention.ts';
import { openPostgres } from '../../../src/sinks/postgres/sink.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { validRecords } from '../../support/samples.ts';

const never = new AbortController().signal;
const noon = Date.UTC(2026, 4, 15, 12);
const day = 86_400_000;
const forEver: Keeping = { retentionDays: 0, partitionBy: 'day' };
const aMonth: Keeping = { retentionDays: 30, partitionBy: 'day' };

describeWith('postgresProgram', 'time in a real PostgreSQL', ({ folder }) => {
  const events = declaredEvents();
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres(folder);
  }, 60_000);
  afterAll(() => postgres.stop());

  /** Jobs that were submitted so many days ago, written by one who keeps rows like this, and sees to it once. */
  const write = async (
    address: PostgresAddress,
    keeping: Keeping,
    daysAgo: readonly number[],
    now = noon,
  ): Promise<void> => {
    const sink = openPostgres({
      ...{ address, stage: 'store-jobs', tables: ['jobs'], emit: events.emit },
      ...{ keeping, now: () => now },
    });
    const rows = daysAgo.map((days): Row => {
      const columns = { ...validRecords.job, id: `of ${days} at ${now}`, submitted_at: now - days * day };
      return { table: 'jobs', columns };
    });
    const [{ next } = { next: 0 }] = await postgres
      .query<{ next: number }>(address, `select coalesce(max(next_offset), 0)::integer + 1 as next from positions`)
      .catch(() => []);
    const behind = { group: 'g', topic: 't', partition: 0, next: BigInt(next || 1) };
    await sink.write(
      rows.map((value) => ({ key: 'k', value })),
      never,
      behind,
    );
    await sink.close();
  };
  const partitions = async (address: PostgresAddress): Promise<Readonly<Record<string, number>>> => {
    const rows = await postgres.query<{ name: string; count: number }>(
      address,
      `select tableoid::regclass::text as name, count(*)::integer as count from jobs group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };
  const tablesOf = async (address: PostgresAddress): Promise<readonly string[]> => {
    const rows = await postgres.query<{ name: string }>(
      address,
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'jobs'::regclass order by 1`,
    );
    return rows.map(({ name }) => name);
  };

  test('a row has the partition of its day; what is far off is in the default one and lost to nobody', async () => {
    const address = await postgres.database('kept');
    await write(address, forEver, [0, 1, 1.2, 365, 5_000, -400]);
    expect(await partitions(address)).toEqual({
      jobs_20250515: 1,
      jobs_20260514: 2,
      jobs_20260515: 1,
      jobs_default: 2,
    });
  });

  test('partitions are there before they are needed', async () => {
    const address = await postgres.database('ahead');
    await write(address, forEver, [0]);
    expect(await tablesOf(address)).toEqual(['jobs_20260515', 'jobs_20260516', 'jobs_20260517', 'jobs_default']);
  });

  test('rows of a time that had no partition move into it once it has one', async () => {
    const address = await postgres.database('moved');
    await write(address, forEver, [-20]);
    expect(await partitions(address)).toEqual({ jobs_default: 1 });
    await write(address, forEver, [0], noon + 20 * day);
    expect(await partitions(address)).toEqual({ jobs_20260604: 2 });
  });

  test('old partitions go, with what lies in the default one and the ids; the youngest of them stay', async () => {
    const address = await postgres.database('dropped');
    await write(address, forEver, [0, 29, 30, 31, 365, 5_000]);
    await write(address, aMonth, []);
    expect(await partitions(address)).toEqual({ jobs_20260415: 1, jobs_20260416: 1, jobs_20260515: 1 });
    expect(await tablesOf(address)).not.toContain('jobs_20250515');
    const ids = await postgres.query<{ id: string }>(address, 'select id from job_ids order by id');
    expect(ids.map(({ id }) => id)).toEqual([0, 29, 30].map((days) => `of ${days} at ${noon}`));
  });

  test('a row of last year is left out where rows are kept a month: it would go at once. That is said', async () => {
    events.declare('sink-warning');
    const address = await postgres.database('left-out');
    await write(address, aMonth, [0, 365, 366]);
    expect(await partitions(address)).toEqual({ jobs_20260515: 1 });
    expect(events.of('sink-warning').map(({ what }) => what)).toEqual([
      'jobs: rows from before 2026-04-15T00:00:00.000Z are left out (retentionDays: 30)',
    ]);
  });

  test('months and days stand beside each other', async () => {
    const address = await postgres.database('months');
    await write(address, forEver, [0, 40]);
    await write(address, { retentionDays: 0, partitionBy: 'month' }, [0, 3, -3, 40, 44, 100], noon + 1);
    expect(await partitions(address)).toEqual({
      // What was left of April on both sides of its days, and of May before its first.
      jobs_20260201: 1,
      jobs_20260401: 1,
      jobs_20260405: 2,
      jobs_20260501: 1,
      jobs_20260515: 2,
      jobs_20260518: 1,
    });
  });

  test('a partition that somebody reads is taken away later, and rows are written meanwhile', async () => {
    const address = await postgres.database('read');
    await write(address, forEver, [0, 100]);
    const reading = postgres.query(address, 'begin; select count(*) from jobs; select pg_sleep(4); commit');
    await eventually('it is being read', async () => {
      const busy = await postgres.query(
        address,
        `select from pg_stat_activity where query like '%pg_sleep(4)%' and pid <> pg_backend_pid()`,
      );
      return busy.length > 0;
    });
    const began = Date.now();
    await write(address, aMonth, [1]);
    expect(Date.now() - began).toBeLessThan(3_500);
    expect(await tablesOf(address)).toContain('jobs_20260204');
    await reading;
    await write(address, aMonth, []);
    expect(await tablesOf(address)).not.toContain('jobs_20260204');
  }, 40_000);
});
