import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../errors.ts';

/**
 * Tries until an attempt answers something other than `again`, in growing pauses, until the deadline. An attempt that got
 * no answer counts as `again`; `silent` hears of it, because what the request did is then not known.
 */
export async function persist<T>(
  what: string,
  deadline: number,
  attempt: () => Promise<T | 'again'>,
  silent: () => void = () => undefined,
): Promise<T> {
  let last = 'no answer yet';
  for (let pause = 5; ; pause = Math.min(2 * pause, 250)) {
    try {
      const answer = await attempt();
      if (answer !== 'again') return answer;
      last = 'the broker says: later';
    } catch (thrown) {
      const error = classify(thrown);
      if (error.code !== 'kafka-unavailable') throw error;
      last = error.detail;
      silent();
    }
    if (Date.now() + pause > deadline) throw new DownlinkError('kafka-unavailable', `${what}: not in time; ${last}`);
    await delay(pause);
  }
}
