import { expect, test } from '@jest/globals';
import { bar, duration, line, paceOf } from '../../src/replay/pace.ts';

const pacing = { total: 10_000, before: 0, msEach: 10 };

test('a replay that keeps up is not behind, and is over when its clock says so', () => {
  const pace = paceOf(pacing, 2_500, 25_000);
  expect(pace).toEqual({ sent: 2_500, total: 10_000, perSecond: 100, lagMs: 0, leftMs: 75_000 });
  expect(line(pace)).toBe('2,500 of 10,000 (25 %) samples, 100/s, 1 min 15 s left');
  expect(bar(pace, 8)).toBe('██░░░░░░ 2,500 of 10,000 (25 %) samples, 100/s, 1 min 15 s left');
});

test('what is not sent in its time is how far it is behind', () => {
  expect(line(paceOf(pacing, 1_000, 25_000))).toBe(
    '1,000 of 10,000 (10 %) samples, 40/s, 15 s behind its clock, 1 min 30 s left',
  );
  // Behind its end it is no further behind than it has still to send.
  expect(paceOf(pacing, 9_900, 500_000).lagMs).toBe(1_000);
});

test('one that goes on counts what was sent before, but not for its rate', () => {
  expect(paceOf({ ...pacing, before: 5_000 }, 6_000, 10_000)).toMatchObject({
    perSecond: 100,
    lagMs: 0,
    leftMs: 40_000,
  });
});

test('as fast as it can: what is left is a matter of the rate; without an end nothing is left to say', () => {
  expect(paceOf({ ...pacing, msEach: 0 }, 2_000, 1_000)).toMatchObject({ lagMs: 0, leftMs: 4_000 });
  const endless = paceOf({ total: Infinity, before: 0, msEach: 10 }, 500, 5_000);
  expect([line(endless), bar(endless)]).toEqual(['500 samples, 100/s', '500 samples, 100/s']);
});

test.each([
  [400, '0 s'],
  [59_000, '59 s'],
  [61_000, '1 min 1 s'],
  [7_260_000, '2 h 1 min'],
  [Infinity, '–'],
])('%p ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
