import { expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/runner/clock.ts';
import { generated } from '../../src/replay/generated.ts';
import { patterned } from '../../src/replay/patterns.ts';
import { play, type PlayOptions, type Portion } from '../../src/replay/play.ts';

/** Time that only sleeping moves. */
function handClock(): Clock {
  let time = 0;
  return {
    now: () => time,
    sleep: (ms) => {
      time += Math.max(0, ms);
      return Promise.resolve();
    },
  };
}

interface Seen {
  readonly at: number;
  readonly key: string;
  readonly first: number;
  readonly last: number;
}

async function played(options: Partial<PlayOptions> & { readonly rows?: readonly number[]; readonly before?: number }) {
  const clock = handClock();
  const seen: Seen[] = [];
  const publish = ({ records }: Portion): Promise<void> => {
    for (const { key, value } of records) {
      const indices = 'timestamps' in value ? (value.indices ?? []) : [value.index ?? -1];
      seen.push({ at: clock.now(), key, first: indices[0] ?? -1, last: indices.at(-1) ?? -1 });
    }
    return setImmediate(undefined);
  };
  const sent = await play({
    played: (options.rows ?? [5, 3]).map((count, at) => ({
      satellite: 'S',
      entity: `E${at}`,
      source: generated('a test', 2, count, () => patterned('random_walk', at)),
      before: options.before ?? 0,
    })),
    start: 1_000_000,
    intervalMs: 1_000,
    speed: Infinity,
    block: 1,
    clock,
    publish,
    acknowledged: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
  return { seen, sent };
}

test('what was measured first is sent first, across entities', async () => {
  const { seen } = await played({});
  expect(seen.map(({ key, first }) => `${key} ${first}`)).toEqual([
    'S/E0 0',
    'S/E1 0',
    'S/E0 1',
    'S/E1 1',
    'S/E0 2',
    'S/E1 2',
    'S/E0 3',
    'S/E0 4',
  ]);
});

test('each row is sent at its time, so many times faster than it was measured', async () => {
  const { seen } = await played({ speed: 10, rows: [4] });
  expect(seen.map(({ at, first }) => [at, first])).toEqual([
    [0, 0],
    [100, 1],
    [200, 2],
    [300, 3],
  ]);
});

test('a block is sent at the time of its last sample; the last one may be shorter', async () => {
  const { seen } = await played({ speed: 1, rows: [5], block: 2 });
  expect(seen.map(({ at, first, last }) => [at, first, last])).toEqual([
    [1_000, 0, 1],
    [3_000, 2, 3],
    [4_000, 4, 4],
  ]);
});

test('how it is cut and how fast it goes changes nothing of what was sent', async () => {
  const hashes = async (options: Parameters<typeof played>[0]) =>
    (await played({ rows: [2_500, 70], ...options })).sent.map(({ sha256 }) => sha256);
  const whole = await hashes({});
  expect(new Set(whole).size).toBe(2);
  expect(await hashes({ block: 64 })).toEqual(whole);
  expect(await hashes({ speed: 1_000 })).toEqual(whole);
  expect(await hashes({ before: 1_234 })).toEqual(whole);
  expect(await hashes({ start: 1_000_001 })).not.toEqual(whole);
});

test('one that goes on sends only what is left', async () => {
  const { seen, sent } = await played({ rows: [5, 3], before: 3 });
  expect(seen.map(({ key, first }) => `${key} ${first}`)).toEqual(['S/E0 3', 'S/E0 4']);
  expect(sent.map(({ rows }) => rows)).toEqual([5, 3]);
});

test('told to stop, it waits for what is under way, and says how far it came', async () => {
  const stop = new AbortController();
  const { seen, sent } = await played({
    rows: [Infinity],
    speed: 1,
    signal: stop.signal,
    acknowledged: (rows) => rows.get('S/E0') === 3 && stop.abort(),
  });
  expect(sent.map(({ rows }) => rows)).toEqual([seen.length]);
  expect(seen.length).toBeLessThanOrEqual(5);
});

test('what is not acknowledged ends it, with the reason', async () => {
  const publish = () => Promise.reject(new Error('no broker'));
  await expect(played({ publish })).rejects.toThrow('no broker');
});
