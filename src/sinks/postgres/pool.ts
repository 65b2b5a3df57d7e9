import pg from 'pg';
import { DownlinkError } from '../../errors.ts';
import { failureOf } from './failure.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Where PostgreSQL is, and what opens it. Certificates and keys are PEM texts, not paths. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Left out: what libpq's variables say, or the name of the user of this process. */
  readonly username?: string | undefined;
  readonly password?: { reveal(): string } | undefined;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

export type Client = Pick<pg.ClientBase, 'query'>;

export interface Pool {
  /** For whoever reads of an error. */
  readonly where: string;
  /** What the work throws takes all of it back. Whoever gives it up breaks the connection, and waits for nothing. */
  inTransaction<T>(work: (client: Client) => Promise<T>, limits?: TransactionLimits): Promise<T>;
  close(): Promise<void>;
}

export interface TransactionLimits {
  readonly signal?: AbortSignal | undefined;
  /** To wait for another's lock. */
  readonly lockMs?: number;
}

const connections = 4;
const connectMs = 5_000;
const statementMs = 30_000;
/** Longer than the server may take: it does not answer any more. */
const silentMs = 45_000;
/** A server that has lost its client in the middle holds its locks no longer than this. */
const idleMs = 30_000;

/** Connections to one PostgreSQL, as many as are needed at a time, and not above a few. */
export function openPool(address: PostgresAddress, name: string): Pool {
  const { host, port, database, username, password, tls } = address;
  const where = `${host}:${port}/${database}`;
  const pool = new pg.Pool({
    ...{ host, port, database, max: connections, application_name: name },
    ...(username === undefined ? {} : { user: username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    // Never what PGSSLMODE says.
    ssl: tls === undefined ? false : { ...tls },
    connectionTimeoutMillis: connectMs,
    query_timeout: silentMs,
    keepAlive: true,
  });
  // One that breaks while nobody uses it is replaced by whoever needs one next.
  pool.on('error', ignore);

  return {
    where,
    inTransaction: async (work, { signal, lockMs = statementMs / 3 } = {}) => {
      try {
        return await withClient(pool, signal, async (client) => {
          const limits = Object.entries({
            statement_timeout: statementMs,
            lock_timeout: lockMs,
            idle_in_transaction_session_timeout: idleMs,
          }).map(([key, ms]) => `set local ${key} = ${ms}`);
          await client.query(['begin isolation level read committed', ...limits].join('; '));
          const done = await work(client);
          await client.query('commit');
          return done;
        });
      } catch (thrown) {
        throw failureOf(thrown, where);
      }
    },
    close: () => pool.end(),
  };
}

async function withClient<T>(
  pool: pg.Pool,
  signal: AbortSignal | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await unlessAborted(pool.connect(), signal, (late) => late.release());
  // What breaks it comes out of the query that is under way, too.
  client.on('error', ignore);
  const giveUp = (): void => {
    client.end().catch(ignore);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  let isWhole = false;
  try {
    const done = await work(client);
    isWhole = true;
    return done;
  } catch (thrown) {
    // Only a server that has answered is asked once more.
    if (thrown instanceof pg.DatabaseError || thrown instanceof DownlinkError)
      isWhole = await client.query('rollback').then(
        () => true,
        () => false,
      );
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    client.off('error', ignore);
    client.release(!isWhole || signal?.aborted === true);
  }
}

const ignore = (): void => undefined;
