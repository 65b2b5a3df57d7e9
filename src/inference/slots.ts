/** A sequence that is open. */
export interface Holder {
  /** It waits for an answer, and cannot be ended. */
  readonly busy: boolean;
  /** Ends it, and gives its slot back. */
  leave(): void;
}

/**
 * What a model on one server has room for, for all lanes of this process: one sequence too many would wait there for a
 * slot, and every answer on the stream behind it.
 */
export interface Slots {
  /** Begins a sequence, which is busy, when there is room for it; for that, the one used least may be ended. */
  enter<H extends Holder>(begin: () => H): H | Promise<H>;
  /** It is used now. */
  use(holder: Holder): void;
  /** It is no longer busy. */
  rest(): void;
  giveBack(holder: Holder): void;
}

export function openSlots(count: number): Slots {
  // In the order of their last use.
  const held = new Set<Holder>();
  const waiting: (() => void)[] = [];
  let admitting = false;

  const isRoom = (): boolean => {
    if (held.size < count) return true;
    for (const holder of held) {
      if (holder.busy) continue;
      holder.leave();
      return true;
    }
    return false;
  };
  const admit = (): void => {
    // Making room gives a slot back, which comes here again.
    if (admitting) return;
    admitting = true;
    while (waiting.length > 0 && isRoom()) waiting.shift()?.();
    admitting = false;
  };
  const hold = <H extends Holder>(holder: H): H => {
    held.add(holder);
    return holder;
  };
  return {
    enter: (begin) => {
      if (waiting.length === 0 && isRoom()) return hold(begin());
      return new Promise((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(hold(begin()));
          } catch (thrown) {
            reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
          }
        });
      });
    },
    use: (holder) => {
      held.delete(holder);
      held.add(holder);
    },
    rest: admit,
    giveBack: (holder) => {
      if (held.delete(holder)) admit();
    },
  };
}
