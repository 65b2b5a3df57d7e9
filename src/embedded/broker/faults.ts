/** How a test has the broker misbehave. Only who started it can; nothing of it is reachable over the network. */
export type Fault =
  /** The error is answered in place of doing anything; APIs without a place for one cut the connection. */
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'cut before' }
  /** It is done, and nobody hears of it. */
  | { readonly kind: 'cut after' }
  | { readonly kind: 'lose the answer' };

export interface Faults {
  /** For the next so many requests of an API, by its key. */
  inject(key: number, fault: Fault, times?: number): void;
  /** The fault that this request meets. */
  next(key: number): Fault | undefined;
  /** Nothing is answered until it is thawed. */
  freeze(): void;
  thaw(): void;
  readonly thawed: Promise<void> | undefined;
}

export function openFaults(): Faults {
  const waiting = new Map<number, { readonly fault: Fault; left: number }[]>();
  let frozen: { readonly over: Promise<void>; readonly thaw: () => void } | undefined;
  return {
    inject: (key, fault, times = 1) => {
      waiting.set(key, [...(waiting.get(key) ?? []), { fault, left: times }]);
    },
    next: (key) => {
      const first = waiting.get(key)?.[0];
      if (first === undefined) return undefined;
      first.left -= 1;
      if (first.left <= 0) waiting.get(key)?.shift();
      return first.fault;
    },
    freeze: () => {
      if (frozen !== undefined) return;
      let thaw = (): void => undefined;
      const over = new Promise<void>((resolve) => {
        thaw = resolve;
      });
      frozen = { over, thaw };
    },
    thaw: () => {
      frozen?.thaw();
      frozen = undefined;
    },
    get thawed() {
      return frozen?.over;
    },
  };
}
