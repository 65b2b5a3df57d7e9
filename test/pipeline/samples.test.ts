import { expect, test } from '@jest/globals';
import type { Records } from '../../src/contract/index.ts';
import { sampleLine } from '../../src/pipeline/tail/sample-line.ts';
import { samplesIn } from '../../src/pipeline/tail/samples-in.ts';
import { worstSensors } from '../../src/pipeline/tail/worst-sensors.ts';
import { validRecords } from '../support/samples.ts';

/** Two samples of five sensors; of the second each sensor has this error. */
const withErrors = (...errors: readonly number[]): Records['scores'] => ({
  ...validRecords.scores,
  indices: [7, 8],
  normalised: Float32Array.from([9, 9, 9, 9, 9, ...errors.map(Math.sqrt)]),
  reconstruction: new Float32Array(10),
});
const names = ['a', 'b', 'c', 'd', 'e'];

test('the fewest sensors that carry most of the error, the worst first', () => {
  const shares = (...errors: readonly number[]) =>
    worstSensors(withErrors(...errors), 1, names).map(({ sensor, share }) => `${sensor} ${share.toFixed(2)}`);
  expect(shares(1, 0, 15, 3, 1)).toEqual(['c 0.75', 'd 0.15']);
  expect(shares(0, 0, 0, 25, 0)).toEqual(['d 1.00']);
  expect(shares(1, 1, 1, 1, 1)).toHaveLength(4);
  expect(shares(0, 0, 0, 0, 0)).toEqual([]);
  expect(shares(1, NaN, 1, 1, 1)).toEqual([]);
});

test('sensors are numbered where the topology has another number of them', () => {
  expect(worstSensors(withErrors(0, 4, 0, 0, 0), 1, ['a', 'b'])).toEqual([{ sensor: '#1', share: 1 }]);
});

test('samples have what their columns say, and sensors only where they are detected', () => {
  const [first, second, third] = samplesIn(validRecords.scores, []);
  expect(first).toMatchObject({ index: 7, timestamp: 1_700_000_000_000, warming: true, detected: false, sensors: [] });
  expect([second?.detected, third?.detected, third?.warming]).toEqual([true, false, false]);
});

test('a line names three sensors and how many more there are, and steers no terminal', () => {
  const [sample] = samplesIn({ ...withErrors(1, 1, 1, 1, 1), detected: [true, true], entity: 'A\u001b[2J' }, names);
  if (sample === undefined) throw new Error('no sample');
  const line = sampleLine({ ...sample, gap: true, timestamp: 9e15, score: 0.000123456 }, { width: 4, colour: false });
  expect(line).toBe(
    '9000000000000000  SAT-001/A\\u001b[2J         7  0.0001235 ≤ 0.25  DETECTED warming gap  a 20 %, b 20 %, c 20 %, … 1 more',
  );
});
