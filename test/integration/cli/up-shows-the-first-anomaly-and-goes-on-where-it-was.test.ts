import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acknowledgedIn, faultsIn, scoredIndices } from '../../support/demo-scores.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive } from '../../support/folder-lock.ts';
import { build, startUp, type Up } from '../../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-up-'));
const running: Up[] = [];
const start = (...args: readonly string[]): Up => {
  const up = startUp(folder, ...args);
  running.push(up);
  return up;
};
beforeAll(build, 60_000);
afterAll(async () => {
  for (const up of running) if (isAlive(up.pid)) await up.killAll();
  rmSync(folder, { recursive: true });
});

test('one command: a first score, the injected anomaly, and ^C ends all of it', async () => {
  const up = start();
  await up.said(/the first score after/);
  const [opened] = await up.said(/SAT-001\/A-1 {2}OPENED.*/);
  expect(opened).toMatch(/severity \d+\.\d+ {2}too-busy.*sensor_0 moves per sample \d+ × what counts as movement/);
  await up.said(/your Kafka: npx downlink up --no-demo --kafka/);

  const other = start();
  await other.said(new RegExp(`${folder} is in use by downlink up of process ${up.pid}`));
  expect(await other.ended).toBe(1);

  const children = up.children();
  // Broker and registry, inference server, stages, and what takes jobs.
  expect(children.length).toBe(4);
  expect(await up.stop()).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
  // Nothing but the anomaly was worth a word.
  expect(up.lines.filter((line) => /died|tries again|OPENED/.test(line))).toEqual([expect.stringContaining('OPENED')]);
}, 100_000);

test('a part that is killed is named and started again, and the others go on', async () => {
  const up = start();
  await up.said(/the first score after/);
  const before = up.children();
  const victims: readonly [name: string, verb: string][] = [
    ['inference server', 'inference-server'],
    ['kafka', 'broker'],
    ['stages', 'run'],
    ['jobs', 'api'],
  ];
  for (const [name, verb] of victims) {
    const [pid] = await eventually(`${name} runs`, () => up.children().filter((one) => verbOf(one) === verb));
    process.kill(pid ?? 0, 'SIGKILL');
    await up.said(new RegExp(`^${name}: died \\(SIGKILL\\); it is started again in 0\\.5 s`));
    await up.said(new RegExp(`^${name}: runs again`));
  }
  expect(up.children().filter((pid) => before.includes(pid))).toEqual([]);
  await isScoredOnce(up);
  expect(await up.stop()).toBe(0);
}, 100_000);

test('after a kill -9 of everything it goes on, and each acknowledged sample has one score', async () => {
  const before = acknowledgedIn(folder);
  const up = start('--kafka-port', '0');
  await up.said(/the first score after/);
  await up.killAll();
  const next = start();
  await next.said(/the first score after/);
  await isScoredOnce(next);
  const after = acknowledgedIn(folder);
  for (const [entity, rows] of before) expect(after.get(entity)).toBeGreaterThan(rows);
  expect(await next.stop()).toBe(0);
}, 100_000);

test('what cannot run is named, and ends the rest', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const up = start('--kafka-port', String(port));
  await up.said(new RegExp(`^kafka: downlink: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  expect(await up.ended).toBe(1);
  expect(up.lines.join('\n')).toContain('downlink: config-invalid: kafka cannot run');
  taken.close();
}, 60_000);

/** `node main.js VERB …` */
const verbOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').at(2) ?? '';

async function isScoredOnce(up: Up): Promise<void> {
  const acknowledged = acknowledgedIn(folder);
  await eventually('all are scored', async () => faultsIn(await scoredIndices(up), acknowledged).length === 0, 30_000);
  expect(faultsIn(await scoredIndices(up), acknowledged)).toEqual([]);
}
