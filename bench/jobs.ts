// Jobs through everything that `downlink up` runs, on this machine: how many a second, how soon at 300 a second, and what
// subscribers cost. `npm run bench jobs [SUBSCRIBERS]`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jobOf } from '../test/support/job-clients.ts';
import { openConnection, openSubscriber } from './jobs/connections.ts';

const subscribers = Number(process.argv[2] ?? 2_000);
const root = join(import.meta.dirname, '..');
const main = join(root, 'dist', 'main.js');
const row = (what: string, value: string): void => console.log(`  ${what.padEnd(62)}${value.padStart(16)}`);

const partsOf = (pid: number): ReadonlyMap<string, number> =>
  new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          const verb = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')[2] ?? '';
          return parent === pid ? [[verb, Number(name)] as const] : [];
        } catch {
          return [];
        }
      }),
  );
const ticksOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
};
const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const folder = mkdtempSync(join(tmpdir(), 'downlink-jobs-'));
const up = spawn(process.execPath, [main, 'up', '--no-demo', '--folder', folder], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
// It does not outlive this process, whatever happens here.
process.once('exit', () => up.kill('SIGKILL'));
let printed = '';
up.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
const said = async (what: RegExp): Promise<RegExpExecArray> => {
  for (;;) {
    const found = what.exec(printed);
    if (found !== null) return found;
    if (up.exitCode !== null) throw new Error(`it ended:\n${printed}`);
    await delay(10);
  }
};
const port = Number((await said(/API on http:\/\/127\.0\.0\.1:(\d+)/))[1]);
const [, kafka, registry] = await said(/Kafka broker on (\S+),.* schema registry on (\S+)/);
const processes = partsOf(up.pid ?? 0);
const cpu = (): ReadonlyMap<string, number> => new Map([...processes].map(([verb, pid]) => [verb, ticksOf(pid)]));

// First, while the process is as it was started: what it takes for subscribers.
const replay = ['replay', '--topology', join(root, 'topologies', 'smap.yaml'), '--generate', 'smap'];
const pace = [
  '--interval',
  '1s',
  '--speed',
  '11.1',
  '--rows',
  '600',
  '--start',
  new Date(Date.now() - 700_000).toISOString(),
];
const env = { ...process.env, DOWNLINK_KAFKA: kafka, DOWNLINK_REGISTRY: registry };
let [frames, bytes, closed] = [0, 0, 0];
const sockets = [];
for (let at = 0; at < subscribers; at++) {
  const socket = await openSubscriber(port, { type: 'subscribe', entities: 'all' }, (text) => {
    frames += 1;
    bytes += text.length;
  });
  socket.on('close', () => (closed += 1));
  sockets.push(socket);
}
const replaying = spawn(process.execPath, [main, ...replay, ...pace], { env, stdio: ['ignore', 'ignore', 'inherit'] });
await delay(10_000);
const [framesBefore, bytesBefore, apiBefore] = [frames, bytes, ticksOf(processes.get('api') ?? 0)];
let most = 0;
for (let second = 0; second < 30; second++) {
  await delay(1_000);
  most = Math.max(most, residentOf(processes.get('api') ?? 0));
}
row(`messages a second to ${subscribers} subscribers of nine entities`, ((frames - framesBefore) / 30).toFixed(0));
row('  MB a second', ((bytes - bytesBefore) / 30e6).toFixed(0));
row('  samples a second, to each', ((frames - framesBefore) / 30 / subscribers).toFixed(1));
row('  CPU of the API, of a core', `${((ticksOf(processes.get('api') ?? 0) - apiBefore) / 30).toFixed(0)} %`);
row('  its resident memory, at most', `${most.toFixed(0)} MB`);
row('  subscribers that were closed', String(closed));
replaying.kill('SIGKILL');
for (const socket of sockets) socket.destroy();
await delay(2_000);

const sentAt = new Map<string, number>();
let latencies: number[] = [];
let done = 0;
const listener = await openSubscriber(port, { type: 'subscribe', jobs: 'all' }, (text) => {
  const told = JSON.parse(text.toString()) as { type: string; job_id: string; status: string };
  if (told.type !== 'job') return;
  if (told.status !== 'completed') throw new Error(text.toString());
  done += 1;
  // The result can be here before the answer to the request.
  const at = sentAt.get(told.job_id);
  if (at === undefined) sentAt.set(told.job_id, performance.now());
  else latencies.push(performance.now() - at);
});
const bodies = Array.from({ length: 300 }, (_, number) => JSON.stringify(jobOf(number)));
const connections = await Promise.all(Array.from({ length: 64 }, () => openConnection(port)));
const submit = async (at: number): Promise<void> => {
  const began = performance.now();
  const answer = await connections[at % connections.length]?.post('/api/v1/inference/submit', bodies[at % 300] ?? '');
  if (answer?.status !== 202) throw new Error(answer?.body.toString());
  const id = (JSON.parse(answer.body.toString()) as { job_id: string }).job_id;
  const arrived = sentAt.get(id);
  if (arrived === undefined) sentAt.set(id, began);
  else latencies.push(arrived - began);
};

// As fast as they are taken: each connection sends the next one when it has an answer, and no more than so many wait.
const flood = async (seconds: number): Promise<number> => {
  const until = performance.now() + 1000 * seconds;
  const before = done;
  let sent = 0;
  const own = connections.map(async (_, at) => {
    for (let one = at; performance.now() < until; one += connections.length) {
      while (sent - (done - before) > 2_000) await delay(1);
      sent += 1;
      await submit(one);
    }
  });
  await Promise.all(own);
  const rate = (done - before) / seconds;
  while (done - before < sent) await delay(5);
  return rate;
};
await flood(Number(process.argv[3] ?? 10));
const cpuBefore = cpu();
const rate = await flood(20);
row('mixed jobs a second, sustained for 20 s', rate.toFixed(0));
for (const [verb, ticks] of cpu())
  row(`  CPU of ${verb}, a job`, `${(((ticks - (cpuBefore.get(verb) ?? 0)) * 10_000) / (20 * rate)).toFixed(0)} µs`);

latencies = [];
sentAt.clear();
const [perSecond, seconds] = [300, 30];
const began = performance.now();
const submitting: Promise<void>[] = [];
for (let at = 0; at < perSecond * seconds; at++) {
  await delay(Math.max(0, began + (1000 * at) / perSecond - performance.now()));
  submitting.push(submit(at));
}
await Promise.all(submitting);
while (latencies.length < perSecond * seconds) await delay(5);
const sorted = Float64Array.from(latencies).sort();
const ms = (share: number): string => `${(sorted[Math.floor(share * sorted.length)] ?? NaN).toFixed(0)} ms`;
row('from submit to result at 300 a second: p50, p95, p99', [0.5, 0.95, 0.99].map(ms).join(', '));
for (const connection of connections) connection.close();
listener.destroy();

const ended = once(up, 'exit');
up.kill('SIGINT');
await ended;
rmSync(folder, { recursive: true, force: true });
