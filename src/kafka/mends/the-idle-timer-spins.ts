import { requestQueue } from '../kafkajs-internals.ts';

/**
 * kafkajs sets a timer with a negative delay after every answer, on every connection, for ever: some 900 a second, 5 % of
 * a core for an idle process (issues 1556 and 1751). A timer is needed only while requests wait for a throttle to end.
 */
export function mendIdleTimer(): void {
  requestQueue.scheduleCheckPendingRequests = function scheduleOnlyWhatWaits() {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
    const delay = Math.max(10, this.throttledUntil - Date.now());
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, delay);
  };
}
