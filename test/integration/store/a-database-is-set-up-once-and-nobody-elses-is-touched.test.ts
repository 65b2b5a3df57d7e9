import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresAddress } from '../../../src/sinks/postgres/pool.ts';
import { openPostgres } from '../../../src/sinks/postgres/sink.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { credentials, startPostgres, type Postgres } from '../../support/postgres.ts';
import { validRecords } from '../../support/samples.ts';

const run = promisify(execFile);
const support = join(import.meta.dirname, '..', '..', 'support');
const never = new AbortController().signal;

describeWith('postgresProgram', 'a real PostgreSQL that is new to downlink', ({ folder }) => {
  const events = declaredEvents();
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres(folder);
  }, 60_000);
  afterAll(() => postgres.stop());

  const open = (address: PostgresAddress) =>
    openPostgres({
      ...{ address, stage: 'store-jobs', tables: ['jobs'], emit: events.emit },
      keeping: { retentionDays: 0, partitionBy: 'day' },
    });
  const write = async (address: PostgresAddress, signal = never): Promise<unknown> => {
    const sink = open(address);
    const value = { table: 'jobs', columns: validRecords.job } as const;
    try {
      await sink.write([{ key: 'k', value }], signal, { group: 'g', topic: 't', partition: 0, next: 1n });
      return undefined;
    } catch (thrown) {
      return thrown;
    } finally {
      await sink.close();
    }
  };
  const applied = (address: PostgresAddress) =>
    postgres.query<{ version: number }>(address, 'select version from downlink_migrations order by version');

  test('several processes that start at once set it up once, and each writes', async () => {
    const address = await postgres.database('at-once');
    const workers = ['a', 'b', 'c'].map((id) => {
      const said = { port: postgres.port, database: 'at-once', id };
      const given = { ...said, username: credentials.username, password: credentials.password.reveal() };
      const args = [
        '--import',
        join(support, 'typescript.mjs'),
        join(support, 'store-worker.ts'),
        JSON.stringify(given),
      ];
      return run(process.execPath, args, { timeout: 30_000 });
    });
    expect((await Promise.all(workers)).map(({ stdout }) => stdout)).toEqual(['written', 'written', 'written']);
    expect(await applied(address)).toEqual([{ version: 1 }, { version: 2 }]);
    expect(await postgres.query(address, 'select id from jobs order by id')).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
    ]);
  }, 60_000);

  test('and so do many in one process', async () => {
    events.declare('sink-warning');
    const address = await postgres.database('many');
    expect(await Promise.all(Array.from({ length: 8 }, () => write(address)))).toEqual(new Array(8).fill(undefined));
    expect(await applied(address)).toHaveLength(2);
    expect(await postgres.query(address, 'select id from jobs')).toHaveLength(1);
  }, 60_000);

  test('one that a newer downlink has set up is refused', async () => {
    const address = await postgres.database('newer');
    await write(address);
    await postgres.query(address, `insert into downlink_migrations (version, name) values (99, 'of tomorrow')`);
    expect(await write(address)).toMatchObject({
      code: 'postgres-refused',
      detail: expect.stringContaining('its tables are at version 99, and this downlink knows them up to 2') as unknown,
    });
  });

  test('a wrong password, no such database, missing rights and tables of others are refused', async () => {
    const address = await postgres.database('refusing');
    const wrong = { reveal: () => 'wrong' };
    await postgres.query(address, `create role stranger login password 'x'`);
    const stranger = { ...address, username: 'stranger', password: { reveal: () => 'x' } };
    const others = await postgres.database('of-others');
    await postgres.query(others, 'create table jobs (odd integer)');
    const found = [
      await write({ ...address, password: wrong }),
      await write({ ...address, database: 'nowhere' }),
      await write(stranger),
      await write(others),
    ] as { code?: string; detail?: string }[];
    expect(found.map(({ code, detail }) => [code, /: (\w{5}):/.exec(detail ?? '')?.[1]])).toEqual([
      ['postgres-refused', '28P01'],
      ['postgres-refused', '3D000'],
      ['postgres-refused', '42501'],
      ['postgres-refused', '42P07'],
    ]);
    expect(await postgres.query(others, 'select * from jobs')).toEqual([]);
    expect(found.map(({ detail }) => detail).join()).not.toMatch(/wrong|not a secret/);
  });

  test('where nobody answers it is a matter of waiting, as is a lock, or that somebody else is the master now', async () => {
    const [port = 0] = await freePorts(1);
    const address = await postgres.database('waiting');
    expect(await write({ ...address, port })).toMatchObject({ code: 'postgres-unavailable' });
    expect(await write({ ...address, host: 'nowhere.invalid' })).toMatchObject({ code: 'postgres-unavailable' });
    await write(address);
    await postgres.query(address, `alter database waiting set default_transaction_read_only = on`);
    expect(await write(address)).toMatchObject({ code: 'postgres-unavailable' });
  });

  test('who is not waited for any more is given up at once', async () => {
    const address = await postgres.database('given-up');
    await write(address);
    const sink = open(address);
    const held = open(address);
    const value = { table: 'jobs', columns: { ...validRecords.job, id: 'j-9' } } as const;
    const behind = { group: 'g', topic: 't', partition: 0, next: 2n };
    await held.write([{ key: 'k', value }], never, { ...behind, group: 'other' });
    const blocked = postgres.query(address, 'begin; select from positions for update; select pg_sleep(2); commit');
    await eventually('it is locked', async () => {
      const asleep = `select from pg_stat_activity where wait_event = 'PgSleep'`;
      return (await postgres.query(address, asleep)).length > 0;
    });
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 300);
    const began = Date.now();
    await expect(sink.write([{ key: 'k', value }], ending.signal, behind)).rejects.toMatchObject({
      code: 'postgres-unavailable',
    });
    expect(Date.now() - began).toBeLessThan(1_500);
    await blocked;
    await sink.write([{ key: 'k', value }], never, behind);
    await Promise.all([sink.close(), held.close()]);
  });
});
