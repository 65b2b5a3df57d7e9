import type { Client } from './pool.ts';

export interface Found {
  readonly version: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly concerns: readonly string[];
}

/** With any of these off, a server that dies forgets what it has said to be written, and Kafka's positions are past that then. */
const durable = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

/** What the server is, and what of its settings can cost rows. */
export async function concernsOf(client: Client): Promise<Found> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [['server_version', ...durable]],
  );
  const { server_version: version = '', ...settings } = Object.fromEntries(
    rows.map(({ name, setting }) => [name, setting]),
  );
  const off = durable.filter((name) => settings[name] === 'off');
  const concerns = off.map((name) => `${name} is off: rows that it says are written may be gone after it was killed`);
  return { version, settings, concerns };
}
