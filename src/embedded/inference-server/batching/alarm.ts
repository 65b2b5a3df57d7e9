/** One timer for many moments: rings at the earliest that was asked for, and never keeps the process alive. */
export interface Alarm {
  at(moment: number): void;
  stop(): void;
}

export function setAlarm(ring: (now: number) => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let set = Infinity;
  const stop = (): void => {
    clearTimeout(timer);
    set = Infinity;
  };
  return {
    at: (moment) => {
      if (moment >= set) return;
      stop();
      set = moment;
      // A timer of Node's may come up to a millisecond early.
      const wait = Math.min(Math.max(0, Math.ceil(moment - performance.now())), 2 ** 31 - 1);
      timer = setTimeout(() => {
        set = Infinity;
        ring(performance.now());
      }, wait).unref();
    },
    stop,
  };
}
