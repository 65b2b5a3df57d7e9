/** Runs it later, and answers how not to. */
export type After = (ms: number, run: () => void) => () => void;

/** None of them keeps the process alive. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

/** Deadlines by name: one that is set again is put off. */
export interface Timers {
  set(name: string, ms: number, run: () => void): void;
  cancel(name: string): void;
  /** Cancels them all, and sets none any more. */
  close(): void;
}

export function openTimers(later: After): Timers {
  const running = new Map<string, () => void>();
  let closed = false;
  const cancel = (name: string): void => {
    running.get(name)?.();
    running.delete(name);
  };
  return {
    set: (name, ms, run) => {
      cancel(name);
      if (closed) return;
      running.set(
        name,
        later(ms, () => {
          running.delete(name);
          run();
        }),
      );
    },
    cancel,
    close: () => {
      closed = true;
      for (const name of [...running.keys()]) cancel(name);
    },
  };
}
