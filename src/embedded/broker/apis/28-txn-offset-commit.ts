import { kafkaError, Refused } from '../errors.ts';
import type { Commit } from '../groups/commits.ts';
import type { Producer } from '../transactions/transaction.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';

interface Request {
  readonly id: string;
  readonly producer: Producer;
  readonly commit: Commit;
}

interface Answered {
  readonly partition: number;
  readonly error: number;
}

// transactional id, group, producer i64, epoch i16, generation i32 (3+), member (3+), instance? (3+),
// [topic, [partition i32, offset i64, leader epoch i32 (2+), note?]] -> throttle i32, [topic, [partition i32, error i16]]
export const txnOffsetCommit: Api<Request, readonly Grouped<Answered>[]> = {
  key: 28,
  name: 'TxnOffsetCommit',
  served: { min: 0, max: 5 },
  flexibleFrom: 3,
  read: (from, version) => {
    const [id, group] = [from.string(), from.string()];
    const producer = { id: Number(from.int64()), epoch: from.int16() };
    const who =
      version >= 3
        ? { generation: from.int32(), member: from.string(), instance: from.text() }
        : { generation: -1, member: '', instance: null };
    const offsets = readTopics(from, () =>
      from.struct(() => {
        const [partition, offset] = [from.int32(), from.int64()];
        return { partition, offset, leaderEpoch: version >= 2 ? from.int32() : -1, note: from.text() };
      }),
    );
    return { id, producer, commit: { group, who, offsets } };
  },
  write: (to, topics) => {
    to.int32(0);
    writeTopics(to, topics, ({ partition, error }) => to.int32(partition).int16(error).tags()).tags();
  },
  handle: async ({ id, producer, commit }, { broker, version }) => {
    const { transactions, groups } = broker;
    try {
      // From 5 on offsets are part of the transaction because they are committed in it.
      if (version >= 5) await transactions.add(id, producer, []);
      else transactions.check(id, producer);
      return await groups.stage(producer.id, commit);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      const error = thrown.code === kafkaError.producerFenced ? kafkaError.invalidProducerEpoch : thrown.code;
      return commit.offsets.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, error })),
      }));
    }
  },
};
