/** A process of the model: what it has begun goes on only while it runs. */
export interface Owner {
  readonly name: string;
  state: 'running' | 'paused' | 'dead';
}

interface Due {
  readonly at: number;
  /** Among what is due at the same time, chance says what comes first. */
  readonly order: number;
  readonly owner: Owner | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Scheduler {
  readonly now: number;
  readonly random: () => number;
  /** Whose event is being run: timers and requests that it makes are that process's. */
  readonly current: Owner | undefined;
  /** Owner: the current one unless said; null for nobody's. Answers how to call it off. */
  after(ms: number, run: () => void, owner?: Owner | null): () => void;
  as<T>(owner: Owner, run: () => T): T;
  /** What was postponed comes now, in the order of chance. */
  resume(owner: Owner): void;
  /** Runs events until the condition holds, or nothing is left or due before the time: then false. */
  run(until: () => boolean, deadline: number): Promise<boolean>;
  /** Resolves when no promise has anything left to do. */
  settled(): Promise<void>;
  trace(...what: readonly unknown[]): void;
  readonly isTracing: boolean;
  readonly traced: readonly string[];
  readonly events: number;
  /** Something is due, at some time. */
  readonly isBusy: boolean;
}

export function openScheduler(random: () => number, tracing: boolean): Scheduler {
  const heap: Due[] = [];
  const postponed = new Map<Owner, Due[]>();
  const traced: string[] = [];
  let now = 0;
  let events = 0;
  let current: Owner | undefined;

  const push = (due: Due): void => {
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Due;
      if (!isBefore(due, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = due;
  };
  const pop = (): Due | undefined => {
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
    return first;
  };

  /** The next that may run now; what belongs to a stopped process waits for it or is gone. */
  const next = (): Due | undefined => {
    for (let due = pop(); due !== undefined; due = pop()) {
      if (due.cancelled || due.owner?.state === 'dead') continue;
      if (due.owner?.state !== 'paused') return due;
      const list = postponed.get(due.owner) ?? [];
      list.push(due);
      postponed.set(due.owner, list);
    }
    return undefined;
  };

  return {
    random,
    settled,
    traced,
    isTracing: tracing,
    get now() {
      return now;
    },
    get events() {
      return events;
    },
    get isBusy() {
      return heap.some(({ cancelled, owner }) => !cancelled && owner?.state !== 'dead');
    },
    get current() {
      return current;
    },
    after: (ms, run, owner = current) => {
      const due: Due = { at: now + Math.max(0, ms), order: random(), owner: owner ?? undefined, run, cancelled: false };
      push(due);
      return () => {
        due.cancelled = true;
      };
    },
    as: (owner, run) => {
      const before = current;
      current = owner;
      try {
        return run();
      } finally {
        current = before;
      }
    },
    resume: (owner) => {
      if (owner.state !== 'paused') return;
      owner.state = 'running';
      for (const due of postponed.get(owner) ?? []) push({ ...due, at: now, order: random() });
      postponed.delete(owner);
    },
    run: async (until, deadline) => {
      while (!until()) {
        const due = next();
        if (due === undefined) return false;
        if (due.at > deadline || events > mostEvents) {
          push(due);
          return false;
        }
        events++;
        now = Math.max(now, due.at);
        current = due.owner;
        due.run();
        // All that the promises do now is the current process's.
        await settled();
      }
      current = undefined;
      return true;
    },
    trace: (...what) => {
      if (tracing) traced.push(`${now.toFixed(2).padStart(9)} ${what.map(String).join(' ')}`);
    },
  };
}

/** Node comes to its next tick when no promise has anything left to do. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

/** Whoever needs more goes round in circles. */
const mostEvents = 100_000;

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
