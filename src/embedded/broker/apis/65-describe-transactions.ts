import { kafkaError } from '../errors.ts';
import type { Transaction } from '../transactions/transaction.ts';
import type { Api } from './api.ts';

type Described = { readonly id: string; readonly found: Transaction | undefined };

// [transactional id] -> throttle i32, [error i16, id, state, time-out i32, start i64, producer i64, epoch i16, [topic, [partition i32]]]
export const describeTransactions: Api<readonly string[], readonly Described[]> = {
  key: 65,
  name: 'DescribeTransactions',
  served: { min: 0, max: 0 },
  flexibleFrom: 0,
  read: (from) => from.array(() => from.string()),
  write: (to, all) => {
    to.int32(0);
    to.array(all, ({ id, found }) => {
      to.int16(found === undefined ? kafkaError.transactionalIdNotFound : kafkaError.none).text(id);
      to.text(found?.state ?? '').int32(found?.timeoutMs ?? 0);
      to.int64(BigInt(found?.startedAt ?? -1))
        .int64(BigInt(found?.producer.id ?? -1))
        .int16(found?.producer.epoch ?? -1);
      const topics = [...new Set(found?.partitions.map(({ topic }) => topic))];
      to.array(topics, (topic) => {
        const partitions = found?.partitions.filter((one) => one.topic === topic) ?? [];
        to.text(topic)
          .array(partitions, ({ partition }) => to.int32(partition))
          .tags();
      }).tags();
    }).tags();
  },
  handle: (ids, { broker }) => ids.map((id) => ({ id, found: broker.transactions.find(id) })),
};
