// `downlink up` as it is built, with nothing else: how soon there is something to see, what it takes, and how fast it is.
// `npm run bench up [SAMPLES]`: so many are replayed as fast as they are taken, and scored.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadTopology } from '../src/pipeline/topology-file.ts';
import { countOf, openReading, scoresOf } from '../test/support/smap-reading.ts';

const rows = Math.ceil(Number(process.argv[2] ?? 450_000) / 9);
const samples = 9 * rows;
const root = join(import.meta.dirname, '..');
const main = join(root, 'dist', 'main.js');
const row = (what: string, value: string): void => console.log(`  ${what.padEnd(58)}${value.padStart(14)}`);

const statOf = (pid: number): readonly string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};
/** A process and all that it runs. */
function family(pid: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [pid, ...all.map(Number).filter((one) => parentOf(one) === pid)];
}
function parentOf(pid: number): number | undefined {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return undefined;
  }
}
/** In ticks of 10 ms. */
const ticksOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(statOf(pid)[11]) + Number(statOf(pid)[12]), 0);
const residentOf = (pids: readonly number[]): number =>
  pids.reduce(
    (sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    0,
  );

function start(folder: string, ...args: readonly string[]) {
  const began = performance.now();
  const child = spawn(process.execPath, [main, 'up', '--folder', folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const said = async (what: RegExp): Promise<{ readonly found: RegExpExecArray; readonly seconds: number }> => {
    for (;;) {
      const found = what.exec(printed);
      if (found !== null) return { found, seconds: (performance.now() - began) / 1000 };
      if (child.exitCode !== null) throw new Error(`it ended:\n${printed}`);
      await delay(5);
    }
  };
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
  };
  return { pid: child.pid ?? 0, said, stop };
}

/** Records that the last stage is done with. */
async function exportedBy(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text();
  return [...text.matchAll(/^downlink_committed_records_total\{[^}]*stage="export"[^}]*\} (\d+)/gm)].reduce(
    (sum, one) => sum + Number(one[1]),
    0,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'downlink-up-'));
const demo = start(folder);
row('first score, from the start', `${(await demo.said(/the first score/)).seconds.toFixed(1)} s`);
row('first anomaly', `${(await demo.said(/OPENED/)).seconds.toFixed(1)} s`);
await delay(20_000);
const processes = family(demo.pid);
const before = ticksOf(processes);
await delay(30_000);
row(
  `CPU of ${processes.length} processes at the demo's rate, of a core`,
  `${((ticksOf(processes) - before) / 30).toFixed(1)} %`,
);
for (const pid of processes)
  row(
    `  resident: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[2] ?? ''}`,
    `${residentOf([pid]).toFixed(0)} MB`,
  );
row('resident, all together', `${residentOf(processes).toFixed(0)} MB`);
await demo.stop();
rmSync(folder, { recursive: true });

const empty = mkdtempSync(join(tmpdir(), 'downlink-up-'));
const up = start(empty, '--no-demo');
const [, kafka, registry] = (await up.said(/Kafka broker on (\S+),.* schema registry on (\S+)/)).found;
const [, metrics = ''] = (await up.said(/(http:\S+\/metrics), \/live/)).found;
const env = { ...process.env, DOWNLINK_KAFKA: kafka, DOWNLINK_REGISTRY: registry };
const replay = ['replay', '--topology', join(root, 'topologies', 'smap.yaml'), '--generate', 'smap', '--speed', 'max'];
const began = performance.now();
const args = [main, ...replay, '--rows', String(rows)];
const replaying = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
const published = once(replaying, 'exit').then(() => (performance.now() - began) / 1000);
let seen = -1;
let changed = performance.now();
// It is over when nothing has come to the last stage for a while.
while (performance.now() - changed < 3_000) {
  const now = await exportedBy(metrics);
  if (now !== seen) [seen, changed] = [now, performance.now()];
  await delay(100);
}
const { topology } = loadTopology(join(root, 'topologies', 'smap.yaml'));
const reading = openReading(kafka ?? '');
const scored = topology === undefined ? 0 : countOf(await scoresOf(topology, registry ?? '', reading.fetcher));
await reading.close();
row(`${samples} samples of nine entities published, after`, `${(await published).toFixed(1)} s`);
const seconds = (changed - began) / 1000;
row('samples with a score', String(scored));
row('all of it scored and exported, after', `${seconds.toFixed(1)} s`);
row('samples a second', (samples / seconds).toFixed(0));
row('resident, all together', `${residentOf(family(up.pid)).toFixed(0)} MB`);
await up.stop();
rmSync(empty, { recursive: true });
