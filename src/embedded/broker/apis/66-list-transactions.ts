import type { Transaction } from '../transactions/transaction.ts';
import type { Api } from './api.ts';

interface Request {
  readonly states: readonly string[];
  readonly producerIds: readonly number[];
  readonly longerThanMs: number;
}

const known = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
];

// [state], [producer i64], longer than i64 (1+) -> throttle i32, error i16, [unknown state], [transactional id, producer i64, state]
export const listTransactions: Api<
  Request,
  { readonly unknown: readonly string[]; readonly found: readonly Transaction[] }
> = {
  key: 66,
  name: 'ListTransactions',
  served: { min: 0, max: 1 },
  flexibleFrom: 0,
  read: (from, version) => ({
    states: from.array(() => from.string()),
    producerIds: from.array(() => Number(from.int64())),
    longerThanMs: version >= 1 ? Number(from.int64()) : -1,
  }),
  write: (to, { unknown, found }) => {
    to.int32(0).int16(0);
    to.array(unknown, (state) => to.text(state));
    to.array(found, ({ id, producer, state }) => to.text(id).int64(BigInt(producer.id)).text(state).tags()).tags();
  },
  handle: ({ states, producerIds, longerThanMs }, { broker }) => ({
    unknown: states.filter((state) => !known.includes(state)),
    found: [...broker.transactions.all].filter(
      ({ state, producer, startedAt }) =>
        (states.length === 0 || states.includes(state)) &&
        (producerIds.length === 0 || producerIds.includes(producer.id)) &&
        (longerThanMs < 0 || (state === 'Ongoing' && Date.now() - startedAt > longerThanMs)),
    ),
  }),
};
