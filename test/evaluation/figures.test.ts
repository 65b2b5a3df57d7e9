import { expect, test } from '@jest/globals';
import type { Count } from '../../src/evaluation/count.ts';
import { figuresOf } from '../../src/evaluation/figures.ts';
import { sumOf } from '../../src/evaluation/sum.ts';

const nothing = sumOf([]);
const figures = (count: Partial<Count>) => figuresOf({ ...nothing, ...count });

test("the detector's own count on SMAP comes to what its facts say", () => {
  const { events, onsets, falseAlarmsPer100k, timeInAlarm } = figures({
    rows: 435_826,
    rowsInAlarm: 13_000,
    events: { found: 59, wrong: 4, missed: 10 },
    onsets: { found: 58, wrong: 4, missed: 11 },
  });
  expect(events.precision).toBeCloseTo(59 / 63, 12);
  expect(events.recall).toBeCloseTo(59 / 69, 12);
  expect([events.f1?.toFixed(3), events.fHalf?.toFixed(3), onsets.f1?.toFixed(3)]).toEqual(['0.894', '0.919', '0.885']);
  expect(falseAlarmsPer100k?.toFixed(2)).toBe('0.92');
  expect(timeInAlarm?.toFixed(3)).toBe('0.030');
});

test('nothing is divided by nothing', () => {
  const none = { precision: null, recall: null, f1: null, fHalf: null };
  expect(figures({})).toMatchObject({ timeInAlarm: null, falseAlarmsPer100k: null, events: none, points: none });
  expect(figures({}).delay).toEqual({ p50: null, p90: null });
  expect(figures({ events: { found: 0, wrong: 0, missed: 3 } }).events).toMatchObject({
    precision: null,
    recall: 0,
    f1: 0,
  });
  expect(figures({ events: { found: 0, wrong: 3, missed: 0 } }).events).toMatchObject({
    precision: 0,
    recall: null,
    f1: 0,
  });
});

test.each([
  [[7], 7, 7],
  [[20, 10], 15, 19],
  [[100, 0, 10, 40, 30, 20, 50, 60, 70, 80, 90], 50, 90],
])('of the delays %j half are within %d, nine tenths within %d', (delays, p50, p90) => {
  expect(figures({ delays }).delay).toEqual({ p50, p90 });
});
