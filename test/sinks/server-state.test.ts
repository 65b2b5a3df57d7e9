import { expect, test } from '@jest/globals';
import { concernsOf, durationMs, serverState } from '../../src/sinks/victoria/server-state.ts';
import { victoriaMetrics } from '../support/victoria-stub.ts';

test.each([
  ['1', 31 * 86_400_000],
  ['0.5', 15.5 * 86_400_000],
  ['100y', 100 * 365 * 86_400_000],
  ['1h30m', 5_400_000],
  ['1ms', 1],
  ['0s', 0],
  ['soon', undefined],
  ['', undefined],
])('the duration %p is %p ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

const stateOf = (text: string) => {
  const state = serverState(text);
  if (state === undefined) throw new Error('no VictoriaMetrics');
  return state;
};
const now = new Date(Date.UTC(2026, 0, 31));

test('a server that keeps all, once, gives no concern', () => {
  const state = stateOf(victoriaMetrics(1_700_000_000));
  expect(state).toEqual({
    version: 'v1.2.3',
    started: 1_700_000_000,
    uptime: 60,
    retention: '100y',
    deduplication: '1ms',
    dropped: new Map([['small_timestamp', 0]]),
  });
  expect(concernsOf(state, now)).toEqual([]);
});

test.each([
  [{ retention: '1d' }, ['-retentionPeriod=1d: samples from before 2026-01-30T00:00 are dropped without an error']],
  [{ deduplication: '0s' }, [expect.stringContaining('no deduplication')]],
  [{ deduplication: '1m' }, [expect.stringContaining('of all samples within that time one is kept')]],
])('%p gives a concern', (flags, concerns) => {
  expect(concernsOf(stateOf(victoriaMetrics(1, flags)), now)).toEqual(concerns);
});

test('a server that says nothing of its settings gives both', () => {
  expect(concernsOf(stateOf('vm_app_start_timestamp 5\n'), now)).toHaveLength(2);
});

test('what is no VictoriaMetrics is none', () => {
  expect(serverState('up 1\nprocess_start_time_seconds 5\n')).toBeUndefined();
});
