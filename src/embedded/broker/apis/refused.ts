import { Refused } from '../errors.ts';

/** For what is refused as a whole: the answer with its code. */
export const refusedAs =
  <T>(answer: (code: number) => T) =>
  (thrown: unknown): T => {
    if (thrown instanceof Refused) return answer(thrown.code);
    throw thrown;
  };
