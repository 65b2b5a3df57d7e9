import { DownlinkError } from '../../../errors.ts';
import { batchesIn } from '../../../kafka/records/batches.ts';
import { kafkaError, Refused } from '../errors.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';
import { eachOnce } from './each-once.ts';
import { checkLeaderEpoch, leaderEpoch } from './leader-epoch.ts';
import { outcomeOf } from './outcome.ts';

interface Position {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly time: number;
}

interface Request {
  readonly committedOnly: boolean;
  readonly topics: readonly Grouped<Position>[];
}

interface Found {
  readonly offset: number;
  readonly time: number;
}

type Listed = Found & { readonly partition: number; readonly error: number };

/** Times that are none. Nothing is ever moved elsewhere, so what is here is all. */
const special = { latest: -1, earliest: -2, newest: -3, earliestHere: -4, latestElsewhere: -5 } as const;
/** The versions from which on they mean something. */
const since: Readonly<Record<number, number>> = {
  [special.newest]: 7,
  [special.earliestHere]: 8,
  [special.latestElsewhere]: 9,
};

const none: Found = { offset: -1, time: -1 };

// replica i32, isolation i8 (2+), [topic, [partition i32, leader epoch i32 (4+), time i64]], time-out i32 (10+)
// -> throttle i32 (2+), [topic, [partition i32, error i16, time i64, offset i64, leader epoch i32 (4+)]]
export const listOffsets: Api<Request, readonly Grouped<Listed>[]> = {
  key: 2,
  name: 'ListOffsets',
  served: { min: 1, max: 10 },
  flexibleFrom: 6,
  read: (from, version) => {
    from.int32();
    const committedOnly = version >= 2 && from.int8() === 1;
    const topics = readTopics(from, () =>
      from.struct(() => ({
        partition: from.int32(),
        leaderEpoch: version >= 4 ? from.int32() : -1,
        time: Number(from.int64()),
      })),
    );
    if (version >= 10) from.int32();
    return { committedOnly, topics: eachOnce(topics) };
  },
  write: (to, topics, version) => {
    if (version >= 2) to.int32(0);
    writeTopics(to, topics, ({ partition, error, time, offset }) => {
      to.int32(partition).int16(error).int64(BigInt(time)).int64(BigInt(offset));
      if (version >= 4) to.int32(offset < 0 ? -1 : leaderEpoch);
      to.tags();
    }).tags();
  },
  refuse: ({ topics }, error) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, error, ...none })),
    })),
  handle: ({ committedOnly, topics }, { broker, version }) =>
    topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((wanted): Listed => {
        let found = none;
        const { error } = outcomeOf(() => {
          const log = broker.topics.log(topic, wanted.partition);
          checkLeaderEpoch(wanted.leaderEpoch);
          if (version < (since[wanted.time] ?? 0))
            throw new Refused(kafkaError.unsupportedVersion, `a time of ${wanted.time} in version ${version}`);
          found = offsetAt(log, wanted.time, committedOnly);
        });
        return { partition: wanted.partition, error, ...found };
      }),
    })),
};

function offsetAt(log: PartitionLog, time: number, committedOnly: boolean): Found {
  const end = committedOnly ? log.lastStable : log.end;
  if (time === special.latest) return { offset: end, time: -1 };
  if (time === special.earliest || time === special.earliestHere) return { offset: log.start, time: -1 };
  if (time === special.latestElsewhere) return none;
  const batch = time === special.newest ? log.latest() : log.firstAt(time);
  if (batch === undefined) return none;
  const found = recordIn(log, batch, time === special.newest ? batch.time : time);
  return found.offset < end ? found : none;
}

/** However large the batch claims to be, this much of it is unpacked. */
const maxUnpacked = 16 * 1024 * 1024;

/** The first record of the batch with the time or a later one; what the log says of the batch where it cannot be looked into. */
function recordIn(log: PartitionLog, batch: Found, time: number): Found {
  try {
    const [one] = batchesIn(log.read(batch.offset, 1, false).bytes, { crc: false, maxUnpacked });
    for (const { offset, timestamp } of one?.records() ?? [])
      if (timestamp >= time && offset >= log.start) return { offset: Number(offset), time: timestamp };
  } catch (thrown) {
    if (!(thrown instanceof DownlinkError)) throw thrown;
  }
  return batch;
}
