import { expect, test } from '@jest/globals';
import { codes, DownlinkError } from '../../src/errors.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { openLog, type LogOptions } from '../../src/telemetry/log.ts';

const error = new DownlinkError('registry-unavailable', 'http://r: away');
const lane = { stage: 'copy', partition: 3 } as const;

function logged(options: Omit<LogOptions, 'write' | 'now'> = {}) {
  const texts: string[] = [];
  let time = Date.UTC(2026, 0, 1);
  const log = openLog({ ...options, write: (text) => texts.push(text), now: () => new Date(time) });
  return {
    texts,
    hear: (...events: readonly Event[]) => {
      for (const event of events) log(event);
      return texts.splice(0).map((text) => JSON.parse(text) as Record<string, unknown>);
    },
    say: log,
    wait: (ms: number) => (time += ms),
  };
}

const turn: Event = { event: 'turn', ...lane, records: 1, ms: 1, traces: [] };
const committed: Event = { event: 'committed', stage: 'copy', lanes: [], form: 'v2', ms: 1 };
const healthy: readonly Event[] = [
  { event: 'generation', stage: 'copy', number: 1, member: 'm', partitions: [3] },
  { event: 'lane-opened', ...lane, from: 5n, restored: 0, ms: 1 },
  turn,
  committed,
  { event: 'lane-closed', ...lane, why: 'stopped' },
];
const retrying = (pauseMs: number): Event => ({ event: 'retrying', ...lane, error, pauseMs });

test('a healthy run is silent, unless it is to tell of generations and lanes', () => {
  expect(logged().hear(...healthy)).toEqual([]);
  const lines = logged({ verbose: true, worker: 2 }).hear(...healthy);
  expect(lines.map(({ level, event, worker }) => [level, event, worker])).toEqual([
    ['info', 'generation', 2],
    ['info', 'lane-opened', 2],
    ['info', 'lane-closed', 2],
  ]);
});

test('a failure is a line with place, code, detail and remedy', () => {
  expect(logged().hear({ event: 'failed', stage: 'copy', error })).toEqual([
    {
      time: '2026-01-01T00:00:00.000Z',
      level: 'error',
      event: 'failed',
      stage: 'copy',
      code: 'registry-unavailable',
      detail: 'http://r: away',
      remedy: codes['registry-unavailable'].remedy,
    },
  ]);
});

test('of a lane that tries again: the first attempt, the longest pause, and that it is over', () => {
  const { hear, wait } = logged();
  expect(hear(retrying(50))).toMatchObject([{ level: 'warn', event: 'retrying', ...lane, attempts: 1, pauseMs: 50 }]);
  expect(hear(retrying(100), retrying(200))).toEqual([]);
  expect(hear(retrying(200))).toMatchObject([{ event: 'retrying', attempts: 4 }]);
  wait(5_000);
  expect(hear(retrying(200), retrying(200))).toEqual([]);
  expect(hear(turn)).toMatchObject([{ level: 'info', event: 'recovered', ...lane, attempts: 6, ms: 5_000 }]);
  expect(hear(turn)).toEqual([]);
});

test('of refused records: the first of a partition and code, then how many there were since', () => {
  const { hear, wait } = logged();
  const rejected: Event = { event: 'rejected', ...lane, code: 'record-corrupt', records: 1 };
  expect(hear(rejected, rejected, rejected)).toMatchObject([{ event: 'rejected', records: 1, code: 'record-corrupt' }]);
  expect(hear(committed)).toEqual([]);
  wait(10_000);
  expect(hear(committed)).toMatchObject([{ event: 'rejected', records: 2 }]);
  expect(hear(rejected, { event: 'lane-closed', ...lane, why: 'stopped' })).toMatchObject([{ records: 1 }]);
});

test('a person gets short lines', () => {
  const { texts, say } = logged({ terminal: true });
  say(retrying(50));
  say({ event: 'failed', stage: 'copy', error });
  expect(texts).toEqual([
    '00:00:00 warn  copy 3 retrying registry-unavailable: http://r: away attempts=1 pauseMs=50\n',
    `00:00:00 error copy failed registry-unavailable: http://r: away\n         ${codes['registry-unavailable'].remedy}\n`,
  ]);
});
