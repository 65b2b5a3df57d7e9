import { kafkaError, Refused } from '../errors.ts';
import type { Producer } from '../transactions/transaction.ts';
import { fencedAs } from './22-init-producer-id.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';

interface Request {
  readonly id: string;
  readonly producer: Producer;
  readonly topics: readonly Grouped<number>[];
}

// transactional id, producer i64, epoch i16, [topic, [partition i32]] -> throttle i32, [topic, [partition i32, error i16]]
export const addPartitionsToTxn: Api<
  Request,
  readonly Grouped<{ readonly partition: number; readonly error: number }>[]
> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  // 4 and 5 are for brokers among themselves.
  served: { min: 0, max: 3 },
  flexibleFrom: 3,
  read: (from) => ({
    id: from.string(),
    producer: { id: Number(from.int64()), epoch: from.int16() },
    topics: readTopics(from, () => from.int32()),
  }),
  write: (to, topics) => {
    to.int32(0);
    writeTopics(to, topics, ({ partition, error }) => to.int32(partition).int16(error).tags()).tags();
  },
  handle: async ({ id, producer, topics }, { broker, version }) => {
    const places = topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    const isThere = ({ topic, partition }: (typeof places)[number]): boolean =>
      broker.topics.find(topic)?.logs[partition] !== undefined;
    const whole = places.every(isThere);
    let error: number = kafkaError.none;
    try {
      // All or none of them.
      if (whole) await broker.transactions.add(id, producer, places);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      error = fencedAs(thrown.code, version >= 2);
    }
    const attempted = 55;
    return topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => {
        if (whole) return { partition, error };
        return { partition, error: isThere({ topic, partition }) ? attempted : kafkaError.unknownTopicOrPartition };
      }),
    }));
  },
};
