import { expect, test } from '@jest/globals';
import { beginAt, openSafe } from '../../src/runner/safe.ts';

test('a position is safe once the program is sure of what was written then', () => {
  const time = { now: 0, safeBefore: -Infinity };
  const clock = { now: () => time.now, sleep: () => Promise.resolve() };
  const sink = { safeBefore: () => time.safeBefore, forgot: () => new AbortController().signal };
  const safe = openSafe(sink, clock, 5n);
  const wrote = (at: number, position: bigint): string | undefined => {
    time.now = at;
    safe?.wrote(position);
    return safe?.note;
  };
  expect(wrote(100, 10n)).toBe('safe=5');
  expect(wrote(200, 20n)).toBe('safe=5');
  time.safeBefore = 150;
  expect(wrote(300, 30n)).toBe('safe=10');
  time.safeBefore = 301;
  expect(wrote(400, 40n)).toBe('safe=30');
});

test.each([
  ['what is safe', 100n, 'safe=40', 0n, 40n],
  ['the beginning of the log, where it begins later', 100n, 'safe=40', 60n, 60n],
  ['what is committed, where all before it was removed', 100n, 'safe=40', 100n, 100n],
  ['what is committed, where it was reset to before', 30n, 'safe=40', 0n, 30n],
  ['what is committed, where somebody else wrote beside it', 100n, 'by hand', 0n, 100n],
  ['what is committed, where nothing stands beside it', 100n, '', 0n, 100n],
])('a lane begins at %s', (_, offset, note, first, from) => {
  expect(beginAt({ offset, note }, first)).toBe(from);
});

test('a program that never forgets needs none of it', () => {
  expect(openSafe(undefined, { now: () => 0, sleep: () => Promise.resolve() }, 0n)).toBeUndefined();
});
