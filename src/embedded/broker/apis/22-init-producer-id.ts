import { kafkaError, Refused } from '../errors.ts';
import type { Producer } from '../transactions/transaction.ts';
import type { Api } from './api.ts';

interface Request {
  readonly id: string | null;
  readonly timeoutMs: number;
  readonly own: Producer;
}

// transactional id?, time-out i32, producer i64 and epoch i16 (3+) -> throttle i32, error i16, producer i64, epoch i16
export const initProducerId: Api<Request, { readonly error: number; readonly producer: Producer }> = {
  key: 22,
  name: 'InitProducerId',
  served: { min: 0, max: 5 },
  flexibleFrom: 2,
  read: (from, version) => {
    const [id, timeoutMs] = [from.text(), from.int32()];
    const own = version >= 3 ? { id: Number(from.int64()), epoch: from.int16() } : { id: -1, epoch: -1 };
    return { id, timeoutMs, own };
  },
  write: (to, { error, producer }) => {
    to.int32(0).int16(error).int64(BigInt(producer.id)).int16(producer.epoch).tags();
  },
  handle: async ({ id, timeoutMs, own }, { broker, version }) => {
    try {
      if (id === '') throw new Refused(kafkaError.invalidRequest, 'an empty transactional id');
      return { error: kafkaError.none, producer: await broker.transactions.init(id, timeoutMs, own) };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { error: fencedAs(thrown.code, version >= 4), producer: { id: -1, epoch: -1 } };
    }
  },
};

/** Older clients know no word for it. */
export const fencedAs = (code: number, known: boolean): number =>
  code === kafkaError.producerFenced && !known ? kafkaError.invalidProducerEpoch : code;
