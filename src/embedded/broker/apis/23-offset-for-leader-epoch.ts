import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';
import { checkLeaderEpoch, leaderEpoch } from './leader-epoch.ts';
import { outcomeOf } from './outcome.ts';

interface Wanted {
  readonly partition: number;
  readonly believed: number;
  readonly epoch: number;
}

interface Ended {
  readonly partition: number;
  readonly error: number;
  readonly epoch: number;
  readonly end: number;
}

// replica i32 (3+), [topic, [partition i32, current leader epoch i32, wanted epoch i32]]
// -> throttle i32, [topic, [error i16, partition i32, leader epoch i32, its end i64]]
export const offsetForLeaderEpoch: Api<readonly Grouped<Wanted>[], readonly Grouped<Ended>[]> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  served: { min: 2, max: 4 },
  flexibleFrom: 4,
  read: (from, version) => {
    if (version >= 3) from.int32();
    return readTopics(from, () =>
      from.struct(() => ({ partition: from.int32(), believed: from.int32(), epoch: from.int32() })),
    );
  },
  write: (to, topics) => {
    to.int32(0);
    writeTopics(to, topics, ({ error, partition, epoch, end }) => {
      to.int16(error).int32(partition).int32(epoch).int64(BigInt(end)).tags();
    }).tags();
  },
  refuse: (topics, error) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, error, epoch: -1, end: -1 })),
    })),
  handle: (topics, { broker }) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((wanted) => {
        let [epoch, end] = [-1, -1];
        const { error } = outcomeOf(() => {
          const log = broker.topics.log(topic, wanted.partition);
          checkLeaderEpoch(wanted.believed);
          // Of any other there is nothing to say, and that is no error.
          if (wanted.epoch === leaderEpoch) [epoch, end] = [leaderEpoch, log.end];
        });
        return { partition: wanted.partition, error, epoch, end };
      }),
    })),
};
