import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { answers } from './apicurio.ts';
import { eventually } from './eventually.ts';
import { freePorts } from './free-port.ts';

const run = promisify(execFile);

export const victoriaVersion = '1.79.5';

const folder = join(homedir(), '.cache', 'downlink', `victoria-metrics-${victoriaVersion}`);

/** A program, unpacked from Debian's package once for all; fails where there is no such package. */
export async function victoriaProgram(program: 'victoria-metrics' | 'vmalert' = 'victoria-metrics'): Promise<string> {
  const file = join(folder, program);
  if (existsSync(file)) return file;
  const temporary = mkdtempSync(join(tmpdir(), 'downlink-victoria-'));
  try {
    // apt-get fetches as another user where it can, who has to be let in.
    chmodSync(temporary, 0o755);
    await run('apt-get', ['download', 'victoria-metrics'], { cwd: temporary, timeout: 120_000 });
    const name = readdirSync(temporary).find((one) => one.startsWith(`victoria-metrics_${victoriaVersion}`));
    if (name === undefined)
      throw new Error(`apt has ${readdirSync(temporary).join(', ')}, and no VictoriaMetrics ${victoriaVersion}`);
    await run('dpkg', ['-x', name, 'unpacked'], { cwd: temporary, timeout: 60_000 });
    mkdirSync(dirname(file), { recursive: true });
    await run('cp', [join(temporary, 'unpacked', 'usr', 'bin', program), `${file}.${process.pid}`]);
    renameSync(`${file}.${process.pid}`, file);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return file;
}

// When our end of its stdin closes, however we died, the program is killed and its folder removed.
const guard = `
folder=$1; shift
exec 3<&0
"$@" >"$folder/log" 2>&1 3<&- & vm=$!
( read -r _ <&3; trap '' TERM; kill -9 $vm; sleep 1; rm -rf "$folder" ) >/dev/null 2>&1 & watch=$!
echo $vm
wait $vm; code=$?
kill $watch
exit $code
`;

export interface Victoria {
  readonly url: string;
  pid(): number;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** On the same port and data as before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** As downlink wants it: everything is kept, and once. */
export const goodFlags = ['-retentionPeriod=100y', '-dedup.minScrapeInterval=1ms', '-search.latencyOffset=0s'];

/** A VictoriaMetrics on loopback that may be killed. */
export async function startVictoria(program: string, flags: readonly string[] = goodFlags): Promise<Victoria> {
  const data = mkdtempSync(join(tmpdir(), 'downlink-victoria-'));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const args = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${join(data, 'data')}`, ...flags];
  let running: { readonly pid: number; readonly exited: Promise<unknown> } | undefined;

  const start = async (): Promise<void> => {
    const shell = spawn('sh', ['-c', guard, 'sh', data, program, ...args, '-memory.allowedBytes=256MB'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    shell.stdin.on('error', () => undefined);
    const exited = once(shell, 'exit');
    const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
    running = { pid: Number(line), exited };
    await eventually('VictoriaMetrics answers', () => answers(`${url}/health`), 20_000);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (running === undefined) return;
    const { pid, exited } = running;
    running = undefined;
    process.kill(pid, signal);
    await exited;
  };
  await start();
  return {
    url,
    pid: () => running?.pid ?? 0,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export interface Point {
  readonly timestamp: number;
  readonly value: number;
}

/** All points of each series that a selector names, in the order of time, by `name{label values}`. */
export async function exported(url: string, selector: string): Promise<ReadonlyMap<string, readonly Point[]>> {
  // What was written becomes visible after seconds; this makes it so at once.
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': selector, start: '0' });
  const text = await (await fetch(`${url}/api/v1/export?${query.toString()}`)).text();
  const found = new Map<string, Point[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { metric, values, timestamps } = JSON.parse(line) as {
      metric: Record<string, string>;
      values: number[];
      timestamps: number[];
    };
    const { __name__: name = '', ...labels } = metric;
    const key = `${name}{${Object.values(labels).join(',')}}`;
    const points = found.get(key) ?? [];
    for (const [at, value] of values.entries()) points.push({ timestamp: timestamps[at] ?? 0, value });
    found.set(key, points);
  }
  for (const points of found.values()) points.sort((a, b) => a.timestamp - b.timestamp);
  return found;
}
