import type { Clock } from '../../src/runner/clock.ts';
import type { Scheduler } from './scheduler.ts';

let scheduler: Scheduler | undefined;
const replaced = { performance: globalThis.performance, setImmediate: globalThis.setImmediate };
const { now } = Date;
const { random } = Math;

/** From here on time and chance are the scheduler's, for all that src/ asks of them. */
export function beginVirtualTime(of: Scheduler): void {
  scheduler = of;
  Date.now = () => Math.floor(of.now) + 1_000_000;
  Math.random = of.random;
  replace({ performance: { now: () => of.now }, setImmediate: (run: () => void) => of.after(0, run) });
}

export function endVirtualTime(): void {
  scheduler = undefined;
  Date.now = now;
  Math.random = random;
  replace(replaced);
}

const replace = (globals: object) => {
  for (const [name, value] of Object.entries(globals) as [string, unknown][]) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
};

/** What stands in for `setTimeout` of node:timers/promises. */
export function setTimeout<T>(ms: number, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
  const { signal } = options;
  const of = scheduler;
  // Of what an earlier schedule left behind: it never goes on.
  if (of === undefined) return new Promise(() => undefined);
  return new Promise((resolve, reject) => {
    const aborted = () => {
      cancel();
      reject(new Error('aborted'));
    };
    // No two timers of a real machine are equally late.
    const cancel = of.after(ms + of.random(), () => {
      signal?.removeEventListener('abort', aborted);
      resolve(value as T);
    });
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** The runner's clock. */
export const virtualClock = (of: Scheduler): Clock => ({
  now: () => of.now,
  sleep: async (ms, signal) => {
    if (signal?.aborted === true) return;
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
});
