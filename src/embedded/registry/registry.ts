import type { SchemaLog, SchemaLogEntry } from '../../contract/schema-log.ts';
import { classify } from '../../errors.ts';
import { refuse } from './refusal.ts';
import { apply, emptyState, type State } from './state.ts';

/** Makes an entry durable, then part of the state. Where the log fails, the next change begins with what is in the log. */
export type Append = (entry: SchemaLogEntry) => Promise<void>;

export interface Registry {
  readonly state: State;
  /** One change at a time, so that what a change has looked at still holds when it appends. */
  change<T>(step: (append: Append) => Promise<T>): Promise<T>;
}

export async function openRegistry(log: SchemaLog): Promise<Registry> {
  const state = emptyState();
  let inDoubt = false;
  const load = async (): Promise<void> => {
    const found = emptyState();
    for (const entry of await log.read()) apply(found, entry);
    Object.assign(state, found);
    inDoubt = false;
  };
  await load();

  const append: Append = async (entry) => {
    await stored(() => log.append(entry));
    apply(state, entry);
  };
  const stored = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      inDoubt = true;
      throw refuse.store(classify(error).detail);
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  const change = <T>(step: (append: Append) => Promise<T>): Promise<T> => {
    const next = last.then(async () => {
      // An entry that was refused may be there all the same, and its id with it.
      if (inDoubt) await stored(load);
      return step(append);
    });
    // Whoever asked for it hears of its failure; the next change begins all the same.
    last = next.catch(() => undefined);
    return next;
  };
  return { state, change };
}
