import type { Step } from './step.ts';

/** Decides when the requests of one version of a model are run, and with which others. */
export interface Scheduler {
  /** Throws a Refusal where it will not take it. */
  enqueue(step: Step): void;
  /** When a request that comes now is given up, by its own `timeout` in microseconds; 0: it has none. */
  deadlineOf(timeoutMicroseconds: number, now: number): number;
  /** The server is stopping: what has begun may go on, nothing new begins. */
  refuseStarts(): void;
  /** Sequences that have begun and not ended. */
  readonly live: number;
  /** Requests that have not been answered. */
  readonly pending: number;
  close(): void;
}
