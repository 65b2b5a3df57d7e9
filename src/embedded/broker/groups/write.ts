import { kafkaError, Refused } from '../errors.ts';
import type { Store } from '../log/store.ts';

export interface Entry {
  readonly key: string;
  readonly value: string | null;
}

/** Writes entries down, and only then does what follows from them: in the order of the log, so that replaying it gives the same. */
export type Write = (entries: readonly Entry[], apply: () => void) => Promise<void>;

export function openWrite(store: Store): Write {
  let last: Promise<unknown> = Promise.resolve();
  return (entries, apply) => {
    const stored = (async () => store.append(entries))();
    const turn = Promise.allSettled([stored, last]).then(([own]) => {
      if (own.status === 'rejected')
        throw new Refused(
          kafkaError.coordinatorNotAvailable,
          `what groups hold cannot be written: ${String(own.reason)}`,
        );
      apply();
    });
    // Whoever wrote it hears of a failure; the next one writes its own.
    last = turn.catch(() => undefined);
    return turn;
  };
}
