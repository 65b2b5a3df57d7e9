import type { SchemaLog, SchemaLogEntry } from '../../contract/schema-log.ts';
import { classify } from '../../errors.ts';
import { refuse } from './refusal.ts';
import { apply, emptyState, type State } from './state.ts';

/** Makes an entry durable, then part of the state. Where the log refuses, nothing has changed. */
export type Append = (entry: SchemaLogEntry) => Promise<void>;

export interface Registry {
  readonly state: State;
  /** One change at a time, so that what a change has looked at still holds when it appends. */
  change<T>(step: (append: Append) => Promise<T>): Promise<T>;
}

export async function openRegistry(log: SchemaLog): Promise<Registry> {
  const state = emptyState();
  for (const entry of await log.read()) apply(state, entry);

  const append: Append = async (entry) => {
    try {
      await log.append(entry);
    } catch (error) {
      throw refuse.store(classify(error).detail);
    }
    apply(state, entry);
  };

  let last: Promise<unknown> = Promise.resolve();
  const change = <T>(step: (append: Append) => Promise<T>): Promise<T> => {
    const next = last.then(() => step(append));
    // Whoever asked for it hears of its failure; the next change begins all the same.
    last = next.catch(() => undefined);
    return next;
  };
  return { state, change };
}
