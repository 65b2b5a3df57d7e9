import type { TableName } from '../../contract/index.ts';
import { inOurTurn } from './in-our-turn.ts';
import type { Client, Pool } from './pool.ts';
import { between, dayMs, holds, spanOf, type Span, type Width } from './span.ts';
import { tables } from './tables.ts';

export interface Partition extends Span {
  readonly name: string;
}

/**
 * The partitions of one table. What lies further off than this has none, or whoever sends any times would make any number of
 * them: its rows are in the default partition.
 */
const furthestBackMs = 731 * dayMs;
const furthestAheadMs = 7 * dayMs;

export interface Partitions {
  /** Sees to it that rows of these times have a partition, unless it would have to wait for it. */
  cover(times: readonly number[], now: number, signal?: AbortSignal): Promise<void>;
  /** Takes away what ends before this. */
  drop(before: number, signal?: AbortSignal): Promise<void>;
}

export function openPartitions(pool: Pool, table: TableName, width: Width): Partitions {
  let known: readonly Partition[] = [];
  let notBefore = -Infinity;
  const hasNone = (ms: number, now: number): boolean =>
    ms >= now - furthestBackMs && ms <= now + furthestAheadMs && !known.some((one) => holds(one, ms));

  return {
    cover: async (times, now, signal) => {
      const missing = new Set(times.filter((ms) => hasNone(ms, now)).map((ms) => spanOf(ms, 'day').from));
      if (missing.size === 0 || now < notBefore) return;
      try {
        known = await pool.inTransaction(
          async (client) => {
            await inOurTurn(client, table);
            const found = [...(await partitionsOf(client, table))];
            for (const ms of missing) {
              if (found.some((one) => holds(one, ms))) continue;
              found.push(await create(client, table, between(spanOf(ms, width), ms, found)));
            }
            return found;
          },
          { signal, ...seldomInTheWay },
        );
      } catch (thrown) {
        if (!isLocked(thrown)) throw thrown;
        notBefore = now + againMs;
      }
    },
    drop: async (before, signal) => {
      const found = await pool.inTransaction((client) => partitionsOf(client, table), { signal });
      for (const { name, to } of found) {
        if (to > before) continue;
        await pool.inTransaction(
          async (client) => {
            await inOurTurn(client, table);
            await client.query(`drop table if exists ${name}`);
          },
          { signal, ...seldomInTheWay },
        );
      }
      known = known.filter(({ to }) => to > before);
      await pool.inTransaction(
        (client) =>
          client.query(`delete from ${table}_default where ${tables[table].time} < to_timestamp($1)`, [before / 1000]),
        { signal },
      );
    },
  };
}

/**
 * All who write wait for whoever waits to change a table, and that may be behind somebody who reads it for long, as a backup does.
 * There is always a next time: rows that find no partition lie in the default one until then.
 */
const seldomInTheWay = { lockMs: 1_000 };
const againMs = 60_000;
const isLocked = (thrown: unknown): boolean =>
  ((thrown as Error).cause as { code?: string } | undefined)?.code === '55P03';

export async function partitionsOf(client: Client, table: TableName): Promise<readonly Partition[]> {
  await client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO'`);
  const { rows } = await client.query<{ name: string; bound: string }>(
    `select child.relname as name, pg_get_expr(child.relpartbound, child.oid) as bound
     from pg_inherits join pg_class child on child.oid = inhrelid where inhparent = to_regclass($1)`,
    [table],
  );
  return rows.flatMap(({ name, bound }) => {
    const [, from, to] = /FROM \('([^']+)'\) TO \('([^']+)'\)/.exec(bound) ?? [];
    return from === undefined || to === undefined ? [] : [{ name, from: instant(from), to: instant(to) }];
  });
}

const instant = (text: string): number => Date.parse(text.replace(' ', 'T').replace(/\+00$/, 'Z'));

/** With the rows of its time that are in the default partition: PostgreSQL does not make one beside them. */
async function create(client: Client, table: TableName, { from, to }: Span): Promise<Partition> {
  const [begin, end] = [from, to].map((ms) => new Date(ms).toISOString()) as [string, string];
  const name = `${table}_${begin.slice(0, 10).replaceAll('-', '')}`;
  const { time } = tables[table];
  await client.query(`
    lock table ${table}_default in access exclusive mode;
    create table ${name} (like ${table} including all);
    with moved as (delete from ${table}_default where ${time} >= '${begin}' and ${time} < '${end}' returning *)
      insert into ${name} select * from moved;
    alter table ${table} attach partition ${name} for values from ('${begin}') to ('${end}')`);
  return { name, from, to };
}
