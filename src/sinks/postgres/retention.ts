import type { TableName } from '../../contract/index.ts';
import type { Partitions } from './partitions.ts';
import type { Pool } from './pool.ts';
import { dayMs, spanOf, type Width } from './span.ts';
import { tables } from './tables.ts';

export interface Keeping {
  /** 0 for ever. */
  readonly retentionDays: number;
  readonly partitionBy: Width;
}

/** Rows go a partition at a time, so it is where one begins: before this there is none, and none is written. */
export const keptSince = ({ retentionDays, partitionBy }: Keeping, now: number): number =>
  retentionDays === 0 ? -Infinity : spanOf(now - retentionDays * dayMs, partitionBy).from;

/** Beside the one for now, so many are there before they are needed. */
const ahead = { day: 2, month: 1 } as const;

/** What has to be done now and then: partitions for the time to come, and nothing left of what is over. */
export async function sweep(
  pool: Pool,
  open: ReadonlyMap<TableName, Partitions | undefined>,
  keeping: Keeping,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const since = keptSince(keeping, now);
  const coming = Array.from({ length: 1 + ahead[keeping.partitionBy] }, (_, at) =>
    Math.max(now, spanOf(now, keeping.partitionBy, at).from),
  );
  for (const [table, partitions] of open) {
    await partitions?.cover(coming, now, signal);
    if (since === -Infinity) continue;
    await partitions?.drop(since, signal);
    for (const statement of forgetting[table] ?? [])
      await pool.inTransaction((client) => client.query(statement, [since / 1000]), { signal });
  }
}

/** An id goes when neither of its rows is there: the one is kept as long as the one stage says, the other as the other. */
const ids = (mine: string, other: string): readonly string[] => [
  `delete from job_ids where ${mine} < to_timestamp($1) and ${other} is null`,
  `update job_ids set ${mine} = null where ${mine} < to_timestamp($1)`,
];

/** Of what is in no partition. */
const forgetting: Partial<Record<TableName, readonly string[]>> = {
  jobs: ids('submitted_at', 'completed_at'),
  inference_results: ids('completed_at', 'submitted_at'),
  // One that is open is news, however old it is.
  anomalies: [`delete from anomalies where ${tables.anomalies.time} < to_timestamp($1) and phase = 'closed'`],
};
