import { jobOf, resultOf, type JobRow, type ResultRow, type StoredJob, type StoredResult } from './stored.ts';
import { timeOf } from './cells.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { openPool, type PostgresAddress } from './pool.ts';

export interface ResultFilter {
  readonly owner?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: string | undefined;
  /** When they were complete, in milliseconds: from this on, and before that. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit?: number | undefined;
  /** What an earlier page says of where it ends. */
  readonly after?: string | undefined;
}

export interface ResultPage {
  /** The newest first. */
  readonly results: readonly StoredResult[];
  /** Absent where there are no more. */
  readonly next?: string;
}

/** Of the results of one model with one status. */
export interface ModelStats {
  readonly model: string;
  readonly status: string;
  readonly count: number;
  readonly meanInferenceMs: number;
  readonly medianTotalMs: number;
  /** 95 of 100 took no longer. */
  readonly p95TotalMs: number;
}

/** What PostgreSQL holds of jobs. Reading never changes anything, nor makes tables: until a store stage has run there are none. */
export interface History {
  /** Both undefined where it holds nothing of the job; a job that waits has no result. */
  job(id: string): Promise<{ readonly job: StoredJob | undefined; readonly result: StoredResult | undefined }>;
  /** An `after` that is no page's end is as if it was not there. */
  results(filter?: ResultFilter): Promise<ResultPage>;
  stats(filter?: Pick<ResultFilter, 'owner' | 'from' | 'to'>): Promise<readonly ModelStats[]>;
  close(): Promise<void>;
}

const [usualLimit, mostResults] = [50, 500];

export function openHistory(address: PostgresAddress): History {
  const pool = openPool(address, 'downlink history');
  const query = <R extends object>(sql: string, values: readonly unknown[]): Promise<readonly R[]> =>
    pool.inTransaction(async (client) => (await client.query<R>(sql, [...values])).rows);

  return {
    job: async (id) => {
      const [jobs, results] = await Promise.all([
        query<JobRow>(ofId('jobs', 'submitted_at'), [id]),
        query<ResultRow>(ofId('inference_results', 'completed_at'), [id]),
      ]);
      return { job: jobs[0] && jobOf(jobs[0]), result: results[0] && resultOf(results[0]) };
    },
    results: async ({ limit = usualLimit, after, ...filter } = {}) => {
      const count = Math.min(mostResults, Math.max(1, Math.trunc(limit)));
      const place = after === undefined ? undefined : placeOf(after);
      const { where, values } = conditions(filter);
      if (place !== undefined) {
        values.push(timeOf(place.completedAt) / 1000, place.id);
        where.push(`(completed_at, id) < (to_timestamp($${values.length - 1}), $${values.length})`);
      }
      values.push(count + 1);
      const found = await query<ResultRow>(
        `select * from inference_results ${whereOf(where)} order by completed_at desc, id desc limit $${values.length}`,
        values,
      );
      const results = found.slice(0, count).map(resultOf);
      const last = results.at(-1);
      return { results, ...(found.length > count && last !== undefined ? { next: cursorOf(last) } : {}) };
    },
    stats: async (filter = {}) => {
      const { where, values } = conditions(filter);
      return await query<ModelStats>(
        `select model, status, count(*)::integer as "count", avg(inference_ms) as "meanInferenceMs",
           percentile_cont(0.5) within group (order by total_ms) as "medianTotalMs",
           percentile_cont(0.95) within group (order by total_ms) as "p95TotalMs"
         from inference_results ${whereOf(where)} group by model, status order by model, status`,
        values,
      );
    },
    close: () => pool.close(),
  };
}

/** By its time first, so that one partition is looked into. */
const ofId = (table: string, time: string): string =>
  `select ${table}.* from job_ids join ${table} on ${table}.id = job_ids.id and ${table}.${time} = job_ids.${time}
   where job_ids.id = $1`;

function conditions({ owner, model, status, from, to }: ResultFilter): { where: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const where = (
    [
      ['owner =', owner],
      ['model =', model],
      ['status =', status],
      ['completed_at >=', from === undefined ? undefined : timeOf(from)],
      ['completed_at <', to === undefined ? undefined : timeOf(to)],
    ] as const
  ).flatMap(([condition, value]) => {
    if (value === undefined) return [];
    values.push(typeof value === 'number' ? value / 1000 : value);
    return [`${condition} ${typeof value === 'number' ? `to_timestamp($${values.length})` : `$${values.length}`}`];
  });
  return { where, values };
}

const whereOf = (where: readonly string[]): string => (where.length === 0 ? '' : `where ${where.join(' and ')}`);
