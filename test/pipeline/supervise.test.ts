import { EventEmitter } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { supervise, type WorkerMessage } from '../../src/pipeline/supervise.ts';
import { declaredEvents } from '../support/declared-events.ts';
import { eventually } from '../support/eventually.ts';

const events = declaredEvents();

/** A process that does what the test says. */
class Child extends EventEmitter {
  readonly pid: number;
  readonly heard: unknown[] = [];
  connected = true;
  constructor(pid: number) {
    super();
    this.pid = pid;
  }
  send(message: unknown): void {
    this.heard.push(message);
  }
  kill(signal: string): void {
    this.end(null, signal);
  }
  end(code: number | null, signal: string | null = null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }
  say(message: WorkerMessage): void {
    this.emit('message', message);
  }
}

function supervised(workers: number) {
  const started: { readonly worker: number; readonly child: Child }[] = [];
  const said: string[] = [];
  const running = supervise({
    workers,
    start: (worker) => {
      const child = new Child(started.length + 1);
      started.push({ worker, child });
      return child as unknown as ChildProcess;
    },
    emit: events.emit,
    onReady: (worker, { text }) => said.push(`${worker} ${text}`),
    firstPauseMs: 10,
  });
  const childOf = (worker: number) => {
    const child = started.filter((one) => one.worker === worker).at(-1)?.child;
    if (child === undefined) throw new Error('not started');
    return child;
  };
  return { running, started, said, childOf };
}

test('a worker that died is started anew after a pause that grows, and the others are left alone', async () => {
  events.declare('worker-died');
  const { running, started, said, childOf } = supervised(2);
  childOf(1).say({ says: 'ready', text: 'here' });
  for (const [deaths, how] of [
    [1, 'SIGKILL'],
    [2, 'exit code 7'],
  ] as const) {
    childOf(0).end(how === 'SIGKILL' ? null : 7, how === 'SIGKILL' ? how : null);
    await eventually('another is started', () => started.length === 2 + deaths);
  }
  expect(events.seen).toEqual([
    { event: 'worker-died', worker: 0, how: 'SIGKILL', restartMs: 10 },
    { event: 'worker-died', worker: 0, how: 'exit code 7', restartMs: 20 },
  ]);
  expect([said, running.pids]).toEqual([['1 here'], [4, 2]]);
  const stopped = running.stop(1_000);
  expect([childOf(0).heard, childOf(1).heard]).toEqual([['stop'], ['stop']]);
  childOf(0).end(0);
  childOf(1).end(0);
  expect(await stopped).toBe(true);
});

test('one that failed for good is not started anew; when none is left, that is the end', async () => {
  const { running, started, childOf } = supervised(2);
  for (const worker of [0, 1]) {
    childOf(worker).say({ says: 'failed' });
    childOf(worker).end(1);
  }
  await running.given;
  expect([started.length, await running.stop(1_000)]).toEqual([2, false]);
});

test('who does not end in time is killed, and that is said', async () => {
  const { running, childOf } = supervised(2);
  const stopped = running.stop(50);
  childOf(0).end(0);
  expect(await stopped).toBe(false);
  expect(childOf(1).connected).toBe(false);
});
