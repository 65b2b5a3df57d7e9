import { describe, expect, test } from '@jest/globals';
import { alarmsOf } from '../../src/evaluation/alarms.ts';
import { countOf, type Count } from '../../src/evaluation/count.ts';
import { sumOf } from '../../src/evaluation/sum.ts';
import { flagsOf, madeUp } from './made-up.ts';

const tally = (found: number, wrong: number, missed: number) => ({ found, wrong, missed });

test('flags a hundred rows apart are one alarm, one row more makes two', () => {
  const flags = flagsOf(400, [
    [0, 0],
    [100, 100],
    [201, 203],
    [399, 399],
  ]);
  expect(alarmsOf(flags)).toEqual([
    { first: 0, last: 100 },
    { first: 201, last: 203 },
    { first: 399, last: 399 },
  ]);
  expect(alarmsOf(new Uint8Array(400))).toEqual([]);
  expect(alarmsOf(new Uint8Array(0))).toEqual([]);
});

test('any flag counts, whichever rule set it', () => {
  expect(alarmsOf(Uint8Array.from([0, 4, 2, 0]))).toEqual([{ first: 1, last: 2 }]);
});

describe('counted by hand', () => {
  test('one label found, one missed, one false alarm', () => {
    const labels = [
      [100, 199],
      [500, 599],
    ] as const;
    const flagged = [
      [150, 160],
      [800, 805],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels, flagged }))).toEqual({
      rows: 1_000,
      labels: 2,
      alarms: 2,
      rowsInAlarm: 17,
      events: tally(1, 1, 1),
      onsets: tally(1, 1, 1),
      points: tally(11, 6, 189),
      adjusted: tally(100, 6, 100),
      delays: [50],
    });
  });

  test('labels of the first and the last row', () => {
    const labels = [
      [0, 9],
      [999, 999],
    ] as const;
    const flagged = [
      [0, 0],
      [999, 999],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels, flagged }))).toEqual({
      rows: 1_000,
      labels: 2,
      alarms: 2,
      rowsInAlarm: 2,
      events: tally(2, 0, 0),
      onsets: tally(2, 0, 0),
      points: tally(2, 0, 9),
      adjusted: tally(11, 0, 0),
      delays: [0, 0],
    });
  });

  test('flags beside a label, on either side, are not in it', () => {
    const flagged = [
      [199, 199],
      [400, 400],
    ] as const;
    const count = countOf(madeUp({ rows: 1_000, labels: [[200, 399]], flagged }));
    expect(count).toMatchObject({
      alarms: 2,
      events: tally(0, 2, 1),
      points: tally(0, 2, 200),
      adjusted: tally(0, 2, 200),
    });
  });

  const two = [
    [100, 119],
    [180, 199],
  ] as const;

  test('one alarm that begins in one label and reaches into the next', () => {
    const flagged = [
      [110, 110],
      [190, 190],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels: two, flagged }))).toMatchObject({
      alarms: 1,
      rowsInAlarm: 81,
      events: tally(2, 0, 0),
      onsets: tally(1, 0, 1),
      delays: [10, 10],
    });
  });

  test('one alarm over both, begun before them', () => {
    expect(countOf(madeUp({ rows: 1_000, labels: two, flagged: [[50, 300]] }))).toMatchObject({
      alarms: 1,
      events: tally(2, 0, 0),
      onsets: tally(0, 1, 2),
      points: tally(40, 211, 0),
      delays: [0, 0],
    });
  });

  test('a label that lies between the flags of one alarm is found, without a delay', () => {
    const flagged = [
      [60, 60],
      [150, 150],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels: [[100, 119]], flagged }))).toMatchObject({
      events: tally(1, 0, 0),
      onsets: tally(0, 1, 1),
      points: tally(0, 2, 20),
      adjusted: tally(0, 2, 20),
      delays: [],
    });
  });

  test('labels that lie over each other are two events, and one stretch of rows', () => {
    const labels = [
      [100, 200],
      [150, 250],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels, flagged: [[160, 160]] }))).toMatchObject({
      labels: 2,
      events: tally(2, 0, 0),
      onsets: tally(2, 0, 0),
      points: tally(1, 0, 150),
      adjusted: tally(151, 0, 0),
      delays: [60, 10],
    });
  });

  test('labels that follow on each other are one stretch of rows, the last row is in it', () => {
    const labels = [
      [990, 994],
      [995, 999],
    ] as const;
    expect(countOf(madeUp({ rows: 1_000, labels, flagged: [[999, 999]] }))).toMatchObject({
      events: tally(1, 0, 1),
      adjusted: tally(10, 0, 0),
    });
  });

  test('everything flagged', () => {
    expect(countOf(madeUp({ rows: 1_000, labels: two, flagged: [[0, 999]] }))).toMatchObject({
      alarms: 1,
      rowsInAlarm: 1_000,
      events: tally(2, 0, 0),
      onsets: tally(0, 1, 2),
    });
  });

  test('no labels, no flags, no rows', () => {
    expect(countOf(madeUp({ rows: 500, flagged: [[3, 4]] }))).toMatchObject({
      events: tally(0, 1, 0),
      onsets: tally(0, 1, 0),
      points: tally(0, 2, 0),
      adjusted: tally(0, 2, 0),
    });
    expect(countOf(madeUp({ rows: 500, labels: [[3, 4]] }))).toMatchObject({
      events: tally(0, 0, 1),
      points: tally(0, 0, 2),
      delays: [],
    });
    const nothing: Count = {
      rows: 0,
      labels: 0,
      alarms: 0,
      rowsInAlarm: 0,
      events: tally(0, 0, 0),
      onsets: tally(0, 0, 0),
      points: tally(0, 0, 0),
      adjusted: tally(0, 0, 0),
      delays: [],
    };
    expect(countOf(madeUp({ rows: 0 }))).toEqual(nothing);
    expect(sumOf([])).toEqual(nothing);
  });
});

test('of several entities everything is added up', () => {
  const one = countOf(madeUp({ rows: 1_000, labels: [[100, 199]], flagged: [[150, 160]] }));
  const other = countOf(madeUp({ rows: 500, labels: [[0, 9]], flagged: [[20, 29]] }));
  expect(sumOf([one, other])).toEqual({
    rows: 1_500,
    labels: 2,
    alarms: 2,
    rowsInAlarm: 21,
    events: tally(1, 1, 1),
    onsets: tally(1, 1, 1),
    points: tally(11, 10, 99),
    adjusted: tally(100, 10, 10),
    delays: [50],
  });
});
