import { kafkaError, Refused } from '../errors.ts';
import type { Producer } from '../transactions/transaction.ts';
import { fencedAs } from './22-init-producer-id.ts';
import type { Api } from './api.ts';

// transactional id, producer i64, epoch i16, group -> throttle i32, error i16
export const addOffsetsToTxn: Api<{ readonly id: string; readonly producer: Producer }, number> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  served: { min: 0, max: 4 },
  flexibleFrom: 3,
  read: (from) => {
    const request = { id: from.string(), producer: { id: Number(from.int64()), epoch: from.int16() } };
    from.string(); // the group: its offsets are in the transaction once they are committed in it
    return request;
  },
  write: (to, error) => {
    to.int32(0).int16(error).tags();
  },
  handle: async ({ id, producer }, { broker, version }) => {
    try {
      await broker.transactions.add(id, producer, []);
      return kafkaError.none;
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return fencedAs(thrown.code, version >= 2);
    }
  },
};
