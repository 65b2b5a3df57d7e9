import type { Client } from './pool.ts';

/** Ours among all who take such locks in a database: `DLNK`. */
const ours = 0x444c4e4b;

/** Until the transaction's end nobody else of us does what is called so. */
export async function inOurTurn(client: Client, what: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1::integer, hashtext($2))', [ours, what]);
}
