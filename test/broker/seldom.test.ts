import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openSeldom } from '../../src/embedded/broker/seldom.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('of each kind a line a second at most is said, and how many were not', () => {
  const notes: string[] = [];
  const say = openSeldom((line) => notes.push(line));
  for (let i = 0; i < 1_000; i++) {
    say('a connection ends', `no room for ${i} bytes`);
    if (i < 2) say('refused', `from ${i}`);
    if (i % 100 === 99) jest.advanceTimersByTime(300);
  }
  expect(notes).toEqual([
    'a connection ends: no room for 0 bytes',
    'refused: from 0',
    '399 more in a second: a connection ends',
    '1 more in a second: refused',
    '300 more in a second: a connection ends',
    '300 more in a second: a connection ends',
  ]);
  jest.advanceTimersByTime(2_000);
  say('refused', 'from 3');
  expect(notes.at(-1)).toBe('refused: from 3');
});
