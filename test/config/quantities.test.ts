import { expect, test } from '@jest/globals';
import { closest, didYouMean } from '../../src/config/closest.ts';
import { expandSensors } from '../../src/config/sensors.ts';
import { inUnitOf } from '../../src/config/units.ts';

test.each([
  ['maxWaitMs', '5s', 5000],
  ['maxWaitMs', '250ms', 250],
  ['maxAgeDays', '48h', 2],
  ['segmentBytes', '16 MiB', 16_777_216],
  ['segmentBytes', '16_000', 16_000],
  ['maxSamples', '8', 8],
  ['maxSamples', '8s', undefined],
  ['maxWaitMs', 'soon', undefined],
])('under %s, "%s" stands for %p', (key, written, number) => {
  expect(inUnitOf(key, written)).toBe(number);
});

test('the nearest name is suggested, and nothing where nothing is near', () => {
  expect(closest('maxSample', ['maxSamples', 'maxBacklogSamples'])).toBe('maxSamples');
  expect(closest('max_samples', ['maxSamples'])).toBe('maxSamples');
  expect(closest('colour', ['maxSamples'])).toBeUndefined();
  expect(didYouMean('colour', ['a', 'b'])).toBe('write one of `a`, `b`');
});

test('sensor ranges are spelled out in order', () => {
  expect(expandSensors(['power', 's_8..s_11'])).toEqual({ names: ['power', 's_8', 's_9', 's_10', 's_11'] });
  expect(expandSensors(['a_1..b_3'])).toMatchObject({ what: expect.stringContaining('is no range') });
  expect(expandSensors(['s_0..s_999999999'])).toMatchObject({ what: expect.stringContaining('too long') });
});
