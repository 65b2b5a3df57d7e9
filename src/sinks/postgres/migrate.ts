import { DownlinkError } from '../../errors.ts';
import { tables } from './migrations/0001-tables.ts';
import { commented } from './migrations/0002-comments.ts';
import { inOurTurn } from './in-our-turn.ts';
import type { Client, Pool } from './pool.ts';

/** In their order, which is their number from 1 on. One that was released is never changed: what is to be other is a new one. */
const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'tables', sql: tables },
  { name: 'comments', sql: commented },
];

/** Others may be at it just now, and one of them does it for all. */
const longestWaitMs = 30_000;

/** Brings a database to what this downlink needs; refuses one that is further, as nothing goes down again. */
export async function migrate(pool: Pool, signal?: AbortSignal): Promise<void> {
  const check = async (client: Client): Promise<number> => {
    const version = await versionOf(client);
    if (version <= migrations.length) return version;
    throw new DownlinkError(
      'postgres-refused',
      `${pool.where}: its tables are at version ${version}, and this downlink knows them up to ${migrations.length}; ` +
        'run the newer downlink that made them, or name another database in DOWNLINK_POSTGRES',
    );
  };
  if ((await pool.inTransaction(check, { signal })) === migrations.length) return;
  await pool.inTransaction(
    async (client) => {
      await inOurTurn(client, 'migrations');
      const version = await check(client);
      if (version === 0) await client.query(ledger);
      for (const [at, { name, sql }] of migrations.entries()) {
        if (at < version) continue;
        await client.query(sql);
        await client.query('insert into downlink_migrations (version, name) values ($1, $2)', [at + 1, name]);
      }
    },
    { signal, lockMs: longestWaitMs },
  );
}

const ledger = `
create table downlink_migrations (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
)`;

async function versionOf(client: Client): Promise<number> {
  // Not `to_regclass`: whoever has waited for its turn would be told what it had been told before.
  const { rows } = await client.query(
    `select from pg_class where relname = 'downlink_migrations' and relnamespace = current_schema()::regnamespace`,
  );
  if (rows.length === 0) return 0;
  const found = await client.query<{ version: number | null }>(
    'select max(version) as version from downlink_migrations',
  );
  return found.rows[0]?.version ?? 0;
}
