import { describe, expect, test } from '@jest/globals';
import { alarmsOf, rowsIn } from '../../src/evaluation/alarms.ts';
import { atNoMoreTime } from '../../src/evaluation/rivals/at-no-more-time.ts';
import { ewmaRule } from '../../src/evaluation/rivals/ewma-rule.ts';
import { randomAlarms } from '../../src/evaluation/rivals/random-alarms.ts';
import { rotatedAlarms } from '../../src/evaluation/rivals/rotated-alarms.ts';
import { seeded } from '../support/random.ts';
import { flagsOf } from './made-up.ts';

const random = seeded(3);
const drawn = (flags: Uint8Array, draw: typeof randomAlarms) => Array.from({ length: 200 }, () => draw(flags, random));

describe('random alarms', () => {
  test('are as many, each of one row, anywhere', () => {
    const flags = flagsOf(1_000, [
      [0, 50],
      [400, 420],
      [999, 999],
    ]);
    const all = drawn(flags, randomAlarms).map(alarmsOf);
    expect(new Set(all.map((alarms) => alarms.length))).toEqual(new Set([3]));
    expect(new Set(all.map(rowsIn))).toEqual(new Set([3]));
    const places = all.flat().map(({ first }) => first);
    expect(Math.min(...places)).toBeLessThan(30);
    expect(Math.max(...places)).toBeGreaterThan(970);
  });

  test('have but one place where there is no room for another', () => {
    const flags = flagsOf(203, [
      [0, 0],
      [101, 101],
      [202, 202],
    ]);
    for (const one of drawn(flags, randomAlarms)) expect(one).toEqual(flags);
  });

  test('are none where there are none', () => {
    for (const rows of [0, 1, 50]) expect(randomAlarms(new Uint8Array(rows), random)).toEqual(new Uint8Array(rows));
  });
});

describe('rotated alarms', () => {
  test('are the same, one behind the other as before, and never where they were', () => {
    const flags = flagsOf(10, [
      [2, 3],
      [6, 6],
    ]);
    const turns = Array.from({ length: 9 }, (_, by) =>
      Array.from(flags, (_flag, row) => flags[(row + by + 1) % 10]).join(''),
    );
    expect(new Set(drawn(flags, rotatedAlarms).map((rotated) => rotated.join('')))).toEqual(new Set(turns));
  });

  test('need rows', () => {
    expect(rotatedAlarms(new Uint8Array(0), random)).toEqual(new Uint8Array(0));
    expect(rotatedAlarms(Uint8Array.of(1), random)).toEqual(Uint8Array.of(1));
  });
});

describe('a score at no more time', () => {
  const score = (rows: number, parts: readonly (readonly [first: number, last: number, value: number])[]) => {
    const severity = new Float64Array(rows);
    for (const [first, last, value] of parts) severity.fill(value, first, last + 1);
    return severity;
  };
  const scores = [
    score(300, [
      [10, 19, 1.5],
      [200, 204, 3],
    ]),
    score(100, [
      [30, 40, 1],
      [50, 59, 2],
    ]),
  ];

  test.each([
    [
      1_000,
      [
        [10, 19],
        [200, 204],
      ],
      [[50, 59]],
    ],
    [
      25,
      [
        [10, 19],
        [200, 204],
      ],
      [[50, 59]],
    ],
    [24, [[200, 204]], [[50, 59]]],
    [15, [[200, 204]], [[50, 59]]],
    [14, [[200, 204]], []],
    [4, [], []],
    [0, [], []],
  ] as const)('of %d rows', (budget, one, other) => {
    expect(atNoMoreTime(scores, budget)).toEqual([flagsOf(300, one), flagsOf(100, other)]);
  });

  test('that is the same everywhere is left with everything, or nothing', () => {
    const everything = [score(300, [[0, 299, 2]]), score(100, [[0, 99, 2]])];
    expect(atNoMoreTime(everything, 400)).toEqual([new Uint8Array(300).fill(1), new Uint8Array(100).fill(1)]);
    expect(atNoMoreTime(everything, 399)).toEqual([new Uint8Array(300), new Uint8Array(100)]);
  });

  test('counts the rows between flags that make one alarm', () => {
    const sparse = [
      score(300, [
        [0, 0, 2],
        [50, 50, 2],
        [250, 250, 3],
      ]),
    ];
    expect(atNoMoreTime(sparse, 51)).toEqual([flagsOf(300, [[250, 250]])]);
    expect(atNoMoreTime(sparse, 52)).toEqual([
      flagsOf(300, [
        [0, 0],
        [50, 50],
        [250, 250],
      ]),
    ]);
  });
});

describe('the EWMA rule', () => {
  const ewma11 = 2 / 12;

  test('is above 1 where the smoothed distance is above its threshold', () => {
    const severity = ewmaRule(new Float32Array(100).fill(0.25), Float32Array.of(0.5, 0.5, 0.5, 1, 0.5));
    // Half of the full scale is a quarter of y; the floor of 0.005 is the threshold, as the training rows never moved.
    const mean = 0.75 + (2 / 106) * 0.25;
    const first = ewma11 * 0.25;
    const second = first + ewma11 * (mean - 0.75 - first);
    expect([...severity]).toEqual([0, 0, 0, first / 0.005, second / 0.005].map((value) => expect.closeTo(value, 9)));
  });

  test('takes its threshold from the training rows, whatever comes after', () => {
    const training = Float32Array.of(0, 0, 1, 0);
    expect(Math.max(...ewmaRule(training, training))).toBeCloseTo(1 / 1.25, 9);
  });

  test('passes over what is no number', () => {
    const [before, none, after] = ewmaRule(Float32Array.of(NaN, NaN), Float32Array.of(0.5, NaN, 1));
    expect([before, none]).toEqual([0, 0]);
    expect(after).toBeCloseTo((ewma11 * 0.25) / 0.005, 9);
    expect(ewmaRule(new Float32Array(), new Float32Array())).toHaveLength(0);
  });
});
