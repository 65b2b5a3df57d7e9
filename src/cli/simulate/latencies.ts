/** How much wider each class of latencies is than the one below. */
const ratio = 1.01;

/** Latencies of any number of jobs in little room; what it says of them is at most 1 % too much, and never too little. */
export interface Latencies {
  add(ms: number): void;
  /** Of how many the share was no slower; undefined where there are none. */
  at(share: number): number | undefined;
}

export function openLatencies(): Latencies {
  const classes = new Map<number, number>();
  let [count, slowest] = [0, 0];
  return {
    add: (ms) => {
      const own = Math.ceil(Math.log(Math.max(ms, 0.01)) / Math.log(ratio));
      classes.set(own, (classes.get(own) ?? 0) + 1);
      count += 1;
      slowest = Math.max(slowest, ms);
    },
    at: (share) => {
      let below = 0;
      for (const [own, many] of [...classes].sort(([a], [b]) => a - b)) {
        below += many;
        if (below >= share * count) return Math.min(ratio ** own, slowest);
      }
      return undefined;
    },
  };
}
