import { kafkaError, Refused } from '../errors.ts';
import { valueOf } from '../topics/configs.ts';
import { readTopics, writeTopics, type Api, type Call, type Grouped } from './api.ts';
import { outcomeOf } from './outcome.ts';

interface Wanted {
  readonly partition: number;
  readonly offset: number;
}

interface Deleted {
  readonly partition: number;
  readonly logStart: number;
  readonly error: number;
}

/** All that there are. */
const toTheEnd = -1;

// [topic, [partition i32, offset i64]], time-out i32 -> throttle i32, [topic, [partition i32, log start i64, error i16]]
export const deleteRecords: Api<readonly Grouped<Wanted>[], readonly Grouped<Deleted>[]> = {
  key: 21,
  name: 'DeleteRecords',
  served: { min: 0, max: 2 },
  flexibleFrom: 2,
  read: (from) => {
    const topics = readTopics(from, () =>
      from.struct(() => ({ partition: from.int32(), offset: Number(from.int64()) })),
    );
    from.int32();
    return topics;
  },
  write: (to, topics) => {
    to.int32(0);
    writeTopics(to, topics, ({ partition, logStart, error }) => {
      to.int32(partition).int64(BigInt(logStart)).int16(error).tags();
    }).tags();
  },
  refuse: (topics, error) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, error, logStart: -1 })),
    })),
  handle: (topics, { broker }) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, offset }) => {
        let logStart = -1;
        const { error } = outcomeOf(() => {
          logStart = deleteBefore(broker, { topic, partition, offset });
        });
        return { partition, logStart, error };
      }),
    })),
};

function deleteBefore({ topics }: Call['broker'], { topic, partition, offset }: Wanted & { topic: string }): number {
  const log = topics.log(topic, partition);
  const { internal = false, configs = {} } = topics.find(topic) ?? {};
  if (internal) throw new Refused(kafkaError.invalidTopic, `Cannot delete records of internal topic ${topic}.`);
  if (valueOf(configs, 'cleanup.policy') === 'compact')
    throw new Refused(kafkaError.policyViolation, `the records of ${topic} are only ever compacted`);
  if (offset < toTheEnd || offset > log.end)
    throw new Refused(kafkaError.offsetOutOfRange, `${topic} ${partition} ends at ${log.end}`);
  log.removeBefore(offset === toTheEnd ? log.end : offset);
  return log.start;
}
