import { afterEach, expect, jest, test } from '@jest/globals';
import { requestQueue, type RequestQueue } from '../../src/kafka/kafkajs-internals.ts';
import { mendIdleTimer } from '../../src/kafka/mends/the-idle-timer-spins.ts';

/** A connection's queue of kafkajs, as it is after an answer came. */
const idleQueue = (waiting: readonly unknown[], throttledUntil: number): RequestQueue =>
  Object.assign(Object.create(requestQueue) as RequestQueue, {
    pending: waiting,
    throttledUntil,
    throttleCheckTimeoutId: null,
  });

const name = 'scheduleCheckPendingRequests';
const unmended: unknown = Reflect.get(requestQueue, name);
afterEach(() => {
  Reflect.set(requestQueue, name, unmended);
  jest.useRealTimers();
});

test('the idle timer of kafkajs spins, and with the mend it does not', () => {
  jest.useFakeTimers();
  for (const [mended, timers] of [
    [false, 1],
    [true, 0],
  ] as const) {
    if (mended) mendIdleTimer();
    jest.clearAllTimers();
    idleQueue([], -1).scheduleCheckPendingRequests();
    expect([mended, jest.getTimerCount()]).toEqual([mended, timers]);
  }
});

test('with the mend a request that waits for a throttle to end is sent then', () => {
  jest.useFakeTimers({ now: 1_000 });
  mendIdleTimer();
  const queue = idleQueue(['a request'], 1_500);
  const check = jest.fn();
  queue.checkPendingRequests = check;
  queue.scheduleCheckPendingRequests();
  jest.advanceTimersByTime(499);
  expect(check).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(check).toHaveBeenCalledTimes(1);
});
