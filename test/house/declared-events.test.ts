import { expect, test } from '@jest/globals';
import { DownlinkError } from '../../src/errors.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { declaredEvents, undeclaredIn } from '../support/declared-events.ts';

const error = new DownlinkError('unclassified', 'x');
const failed: Event = { event: 'failed', stage: 's', error };
const turn: Event = { event: 'turn', stage: 's', partition: 0, records: 1, ms: 1, traces: [] };

test('a warning or an error that a test did not declare is found, anything else is not', () => {
  const retrying: Event = { event: 'retrying', stage: 's', partition: 0, error, pauseMs: 1 };
  expect(undeclaredIn([turn, failed, retrying], new Set())).toEqual([failed, retrying]);
  expect(undeclaredIn([turn, failed, retrying], new Set(['failed', 'retrying']))).toEqual([]);
});

const events = declaredEvents();

test('what came is kept for the test, and what it declares does not fail it', () => {
  events.declare('failed');
  events.emit(failed);
  events.emit(turn);
  expect(events.of('turn')).toEqual([turn]);
  expect(events.seen).toHaveLength(2);
});

test('the next test begins anew', () => {
  expect(events.seen).toEqual([]);
});
