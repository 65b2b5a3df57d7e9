import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPool, type PostgresAddress } from '../../../src/sinks/postgres/pool.ts';
import { openAuthority } from '../../support/authority.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

describeWith('postgresProgram', 'a real PostgreSQL with a certificate', ({ folder }) => {
  const authority = openAuthority('ours');
  let [encrypted, plain]: readonly Postgres[] = [];
  beforeAll(async () => {
    [encrypted, plain] = await Promise.all([
      startPostgres(folder, authority.issue('localhost')),
      startPostgres(folder),
    ]);
  }, 60_000);
  afterAll(() => Promise.all([encrypted?.stop(), plain?.stop()]));

  const isEncrypted = async (server: Postgres | undefined, name: string, ca?: string): Promise<unknown> => {
    if (server === undefined) throw new Error('there is no server');
    const address: PostgresAddress = await server.database(name);
    const pool = openPool({ ...address, tls: ca === undefined ? undefined : { ca } }, 'downlink test');
    try {
      const ask = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
      return await pool.inTransaction(async (client) => (await client.query<{ ssl: boolean }>(ask)).rows[0]?.ssl);
    } catch (thrown) {
      return (thrown as { code?: string }).code;
    } finally {
      await pool.close();
    }
  };

  test('is asked through TLS by who is told to, and only then', async () => {
    expect(await isEncrypted(encrypted, 'told', authority.certificate)).toBe(true);
    expect(await isEncrypted(encrypted, 'untold')).toBe(false);
  });

  test('is refused where its certificate is of another authority, or it has none', async () => {
    expect(await isEncrypted(encrypted, 'other', openAuthority('theirs').certificate)).toBe('postgres-refused');
    expect(await isEncrypted(plain, 'none', authority.certificate)).toBe('postgres-refused');
  });
});
