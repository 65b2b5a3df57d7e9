import { classify } from '../errors.ts';

/** In the words of whoever failed, without an address: who asks may be anybody. */
export const reasonOf = (thrown: unknown): string => {
  const { code } = classify(thrown);
  return code === 'unclassified' ? 'it does not answer' : code;
};
