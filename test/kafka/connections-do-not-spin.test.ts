import { afterEach, expect, jest, test } from '@jest/globals';
import type { RequestQueue } from '../../src/kafka/kafkajs-internals.ts';

afterEach(() => {
  jest.useRealTimers();
});

/** The timers that an idle connection of kafkajs sets after an answer, where these sources were loaded before. */
function idleTimersAfter(load: () => void): number {
  jest.useFakeTimers();
  jest.isolateModules(() => {
    load();
    const { prototype } = jest.requireActual<{ prototype: RequestQueue }>('kafkajs/src/network/requestQueue');
    const idle = { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null };
    Object.assign(Object.create(prototype) as RequestQueue, idle).scheduleCheckPendingRequests();
  });
  return jest.getTimerCount();
}

// mends.test.ts holds what the mend does; here is who has it.
test.each(['link.ts', 'cluster.ts', 'reader/fetcher.ts'])(
  'whoever connects through %s has the mend against the idle timer',
  (file) => {
    const load = () => {
      jest.requireActual(`../../src/kafka/${file}`);
    };
    expect(idleTimersAfter(load)).toBe(0);
  },
);

test('kafkajs alone has it not', () => {
  expect(idleTimersAfter(() => jest.requireActual('kafkajs'))).toBe(1);
});
