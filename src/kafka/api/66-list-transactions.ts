import type { Api } from './api.ts';

export interface ListedTransaction {
  readonly transactionalId: string;
  readonly state: string;
}

/** Those in given states that one broker coordinates. */
export const listTransactions: Api<
  readonly string[],
  { readonly error: number; readonly transactions: readonly ListedTransaction[] }
> = {
  key: 66,
  name: 'ListTransactions',
  versions: { min: 0, max: 0 },
  flexible: true,
  write(out, states) {
    out.compactArray(states, (state) => out.compactString(state));
    out.compactArray([], () => undefined).noTags();
  },
  read(answer) {
    answer.throttle();
    const error = answer.int16();
    answer.compactArray(() => answer.compactString()); // states that it does not know
    const transactions = answer.compactArray((): ListedTransaction => {
      const transactionalId = answer.compactString() ?? '';
      answer.int64(); // producer
      const state = answer.compactString() ?? '';
      answer.tags();
      return { transactionalId, state };
    });
    return { error, transactions };
  },
};
