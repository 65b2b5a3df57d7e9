import { kafkaError, Refused } from '../errors.ts';
import { nobody, type Producer } from '../transactions/transaction.ts';
import { fencedAs } from './22-init-producer-id.ts';
import type { Api } from './api.ts';

interface Request {
  readonly id: string;
  readonly producer: Producer;
  readonly commit: boolean;
}

// transactional id, producer i64, epoch i16, commit i8 -> throttle i32, error i16, the next producer i64 and epoch i16 (5+)
export const endTxn: Api<Request, { readonly error: number; readonly next: Producer }> = {
  key: 26,
  name: 'EndTxn',
  served: { min: 0, max: 5 },
  flexibleFrom: 3,
  read: (from) => ({
    id: from.string(),
    producer: { id: Number(from.int64()), epoch: from.int16() },
    commit: from.bool(),
  }),
  write: (to, { error, next }, version) => {
    to.int32(0).int16(error);
    if (version >= 5) to.int64(BigInt(next.id)).int16(next.epoch);
    to.tags();
  },
  handle: async ({ id, producer, commit }, { broker, version }) => {
    try {
      const next = await broker.transactions.end(id, { producer, commit, raise: version >= 5 });
      return { error: kafkaError.none, next };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { error: fencedAs(thrown.code, version >= 2), next: nobody };
    }
  },
};
