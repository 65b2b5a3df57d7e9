import { kafkaError, Refused } from '../errors.ts';

/** How it went, as layouts say it that have a place for words. */
export interface Outcome {
  readonly error: number;
  readonly message: string | null;
}

export function outcomeOf(attempt: () => void): Outcome {
  try {
    attempt();
    return { error: kafkaError.none, message: null };
  } catch (thrown) {
    if (thrown instanceof Refused) return { error: thrown.code, message: thrown.message };
    throw thrown;
  }
}
