import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresAddress } from '../../src/sinks/postgres/pool.ts';
import type { Certified } from './authority.ts';
import { eventually } from './eventually.ts';
import { freePorts } from './free-port.ts';

const run = promisify(execFile);

const debianFolder = '/usr/lib/postgresql';

/** The newest of Debian's, whose folders are named after their version. */
export async function postgresProgram(): Promise<{ readonly folder: string; readonly version: string }> {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(debianFolder, version, 'bin'));
  const folder = folders.find((one) => existsSync(join(one, 'initdb')));
  if (folder === undefined) throw new Error(`there is no initdb under ${debianFolder}`);
  const { stdout } = await run(join(folder, 'postgres'), ['--version']);
  return { folder, version: stdout.trim() };
}

// When our end of its stdin closes, however we died, the server is killed and its folder removed.
const guard = `
folder=$1; shift
exec 3<&0
"$@" >>"$folder/log" 2>&1 3<&- & pg=$!
( read -r _ <&3; trap '' TERM; kill -9 $pg; sleep 1; rm -rf "$folder" ) >/dev/null 2>&1 & watch=$!
echo $pg
wait $pg; code=$?
kill $watch
exit $code
`;

export interface Postgres {
  readonly port: number;
  /** A new, empty database. */
  database(name: string): Promise<PostgresAddress>;
  /** As somebody else than downlink sees it. */
  query<R extends object>(address: PostgresAddress, sql: string, values?: readonly unknown[]): Promise<readonly R[]>;
  /** SIGKILL, to all of its processes. */
  kill(): Promise<void>;
  /** On the same port and data as before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const credentials = { username: 'downlink', password: { reveal: () => 'not a secret' } };

/** A PostgreSQL on loopback that may be killed. It writes to its disk as it does by default. */
export async function startPostgres(folder: string, tls?: Certified): Promise<Postgres> {
  const data = mkdtempSync(join(tmpdir(), 'downlink-postgres-'));
  const { asWhom, write } = await somebody(data);
  write('password', credentials.password.reveal());
  const encrypted = tls === undefined ? [] : ['ssl=on', `ssl_cert_file=${data}/cert`, `ssl_key_file=${data}/key`];
  if (tls !== undefined) {
    write('cert', tls.certificate);
    write('key', tls.key);
  }
  const initdb = [join(folder, 'initdb'), '-D', join(data, 'db'), '-U', credentials.username, '-E', 'UTF8'];
  const how = ['--no-locale', '--no-sync', '-A', 'scram-sha-256', '--pwfile', join(data, 'password')];
  await run('env', [...asWhom, ...initdb, ...how]);
  const [port = 0] = await freePorts(1);
  const own = { host: '127.0.0.1', port, ...credentials };
  let running: { readonly pid: number; readonly exited: Promise<unknown> } | undefined;

  const query: Postgres['query'] = async <R extends object>(
    { password, username, ...address }: PostgresAddress,
    sql: string,
    values: readonly unknown[] = [],
  ) => {
    const client = new pg.Client({ ...address, user: username, password: password?.reveal(), ssl: false });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<R>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const program = [
      join(folder, 'postgres'),
      '-D',
      join(data, 'db'),
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-k',
      data,
    ];
    const all = [...program, ...['shared_buffers=32MB', ...encrypted].flatMap((one) => ['-c', one])];
    const shell = spawn('sh', ['-c', guard, 'sh', data, 'env', ...asWhom, ...all], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    shell.stdin.on('error', () => undefined);
    const exited = once(shell, 'exit');
    const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
    running = { pid: Number(line), exited };
    const answers = () =>
      query({ ...own, database: 'postgres' }, 'select').then(
        () => true,
        () => false,
      );
    await eventually('PostgreSQL answers', answers, 30_000);
  };
  const kill = async (): Promise<void> => {
    if (running === undefined) return;
    const { pid, exited } = running;
    running = undefined;
    // Those that it has begun would see its end, and say good-bye to their clients.
    const children = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).then(
      ({ stdout }) => stdout.trim().split(/\s+/).map(Number),
      () => [],
    );
    for (const one of [pid, ...children].filter((each) => each > 0)) {
      try {
        process.kill(one, 'SIGKILL');
      } catch {
        // It was gone already.
      }
    }
    await exited;
  };
  await start();
  return {
    port,
    query,
    database: async (name) => {
      await query({ ...own, database: 'postgres' }, `create database "${name}"`);
      return { ...own, database: name };
    },
    kill,
    start,
    stop: async () => {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL runs as anybody but root: who is to run it, and owns what is in the folder. */
async function somebody(folder: string) {
  const isRoot = process.getuid?.() === 0;
  const idOf = async (flag: '-u' | '-g'): Promise<number> => Number((await run('id', [flag, 'nobody'])).stdout);
  const [uid, gid] = isRoot ? await Promise.all([idOf('-u'), idOf('-g')]) : [0, 0];
  const own = (path: string): void => {
    if (isRoot) chownSync(path, uid, gid);
  };
  own(folder);
  return {
    asWhom: isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [],
    write: (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      own(join(folder, name));
    },
  };
}
