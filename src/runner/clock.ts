import { setTimeout as delay } from 'node:timers/promises';

/** Time as the runner sees it, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds on a scale that never goes back. */
  now(): number;
  /** Resolves after so long, or at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    if (signal?.aborted === true) return;
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
