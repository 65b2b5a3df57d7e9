import { codeOf, type KafkaError } from '../errors.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';

interface Active {
  readonly id: number;
  readonly epoch: number;
  readonly lastSequence: number;
  readonly lastSeen: number;
  readonly openedAt: number;
}

interface Described {
  readonly partition: number;
  readonly error: KafkaError;
  readonly producers: readonly Active[];
}

// [topic, [partition i32]]
// -> throttle i32, [topic, [partition i32, error i16, text?, [producer i64, epoch i32, last sequence i32, time i64, coordinator epoch i32, first offset i64]]]
export const describeProducers: Api<readonly Grouped<number>[], readonly Grouped<Described>[]> = {
  key: 61,
  name: 'DescribeProducers',
  served: { min: 0, max: 0 },
  flexibleFrom: 0,
  read: (from) => readTopics(from, () => from.int32()),
  write: (to, topics) => {
    to.int32(0);
    writeTopics(to, topics, ({ partition, error, producers }) => {
      to.int32(partition).int16(error).text(null);
      to.array(producers, ({ id, epoch, lastSequence, lastSeen, openedAt }) => {
        to.int64(BigInt(id))
          .int32(epoch)
          .int32(lastSequence)
          .int64(BigInt(lastSeen))
          .int32(0)
          .int64(BigInt(openedAt))
          .tags();
      }).tags();
    }).tags();
  },
  handle: (topics, { broker }) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition): Described => {
        let log: PartitionLog | undefined;
        const error = codeOf(() => {
          log = broker.topics.log(topic, partition);
        });
        const { producers = [], open = [] } = log?.producers.state() ?? {};
        const firsts = new Map(open);
        return {
          partition,
          error,
          producers: producers.map(([id, { epoch, kept, lastSeen }]) => ({
            id,
            epoch,
            lastSequence: kept.at(-1)?.lastSequence ?? -1,
            lastSeen,
            openedAt: firsts.get(id) ?? -1,
          })),
        };
      }),
    })),
};
