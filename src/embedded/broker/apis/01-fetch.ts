import { codeOf, kafkaError, type KafkaError } from '../errors.ts';
import type { Aborted } from '../log/producers.ts';
import type { PartitionLog, Read } from '../log/partition-log.ts';
import { eachOnce } from './each-once.ts';
import { readTopics, writeTopics, type Api, type Call, type Grouped } from './api.ts';

interface Position {
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

interface Request {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly committedOnly: boolean;
  readonly topics: readonly Grouped<Position>[];
}

interface Fetched {
  readonly partition: number;
  readonly error: KafkaError;
  readonly highWatermark: number;
  readonly lastStable: number;
  readonly logStart: number;
  readonly aborted: readonly Aborted[];
  readonly records: Buffer;
}

const none = Buffer.alloc(0);

/** Of one answer, whatever is asked for: all of it is in memory until it is read. */
const mostBytes = 8 * 1024 * 1024;
/** Of the room that is left: many answers that nobody reads become small ones, before there is no room for any. */
const mostOfRoom = 1 / 4;

// replica i32, wait i32, min bytes i32, max bytes i32, isolation i8, session i32 and epoch i32 (7+),
// [topic, [partition i32, leader epoch i32 (9+), offset i64, last epoch i32 (12+), log start i64 (5+), max bytes i32]], forgotten (7+), rack (11+)
// -> throttle i32, error i16 and session i32 (7+), [topic, [partition i32, error i16, high watermark i64, last stable i64, log start i64 (5+),
//    [producer i64, first offset i64], preferred replica i32 (11+), records]]
export const fetch: Api<Request, readonly Grouped<Fetched>[]> = {
  key: 1,
  name: 'Fetch',
  // From 13 on topics go by their ids. No sessions: the answer's is 0, and clients send all of it each time.
  served: { min: 4, max: 12 },
  advertised: { min: 0, max: 12 },
  flexibleFrom: 12,
  read: (from, version) => {
    from.int32();
    const [maxWaitMs, minBytes, maxBytes] = [from.int32(), from.int32(), from.int32()];
    const committedOnly = from.int8() === 1;
    if (version >= 7) from.skip(8); // session
    const wanted = readTopics(from, () =>
      from.struct((): Position => {
        const partition = from.int32();
        if (version >= 9) from.int32();
        const offset = Number(from.int64());
        if (version >= 12) from.int32();
        if (version >= 5) from.int64();
        return { partition, offset, maxBytes: from.int32() };
      }),
    );
    if (version >= 7) readTopics(from, () => from.int32());
    if (version >= 11) from.text();
    return { maxWaitMs, minBytes, maxBytes: Math.min(maxBytes, mostBytes), committedOnly, topics: eachOnce(wanted) };
  },
  write: (to, topics, version) => {
    to.int32(0);
    if (version >= 7) to.int16(0).int32(0);
    writeTopics(to, topics, ({ partition, error, highWatermark, lastStable, logStart, aborted, records }) => {
      to.int32(partition).int16(error).int64(BigInt(highWatermark)).int64(BigInt(lastStable));
      if (version >= 5) to.int64(BigInt(logStart));
      to.array(aborted, ({ producerId, firstOffset }) =>
        to.int64(BigInt(producerId)).int64(BigInt(firstOffset)).tags(),
      );
      if (version >= 11) to.int32(-1);
      // No records are a length of 0: librdkafka takes null for damage.
      to.bytes(records).tags();
    }).tags();
  },
  handle: async (request, call) => {
    const until = performance.now() + request.maxWaitMs;
    for (;;) {
      const { topics, size, failed } = look(request, call);
      if (failed || size >= request.minBytes || call.signal.aborted || performance.now() >= until) return topics;
      await changed(request, call, until - performance.now());
    }
  },
};

function look({ topics, maxBytes, committedOnly }: Request, { broker }: Call) {
  let [left, size, failed] = [Math.min(maxBytes, Math.floor(broker.room.left * mostOfRoom)), 0, false];
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((wanted): Fetched => {
      const { partition, offset } = wanted;
      let log: PartitionLog | undefined;
      const error = codeOf(() => {
        log = broker.topics.log(topic, partition);
      });
      if (log === undefined) {
        failed = true;
        return { partition, error, highWatermark: -1, lastStable: -1, logStart: -1, aborted: [], records: none };
      }
      const { end: highWatermark, lastStable, start: logStart } = log;
      const at = { partition, highWatermark, lastStable, logStart };
      if (offset < logStart || offset > highWatermark) {
        failed = true;
        return { ...at, error: kafkaError.offsetOutOfRange, aborted: [], records: none };
      }
      // The first batch comes whatever its size; after that, what there is room for.
      if (left <= 0 && size > 0) return { ...at, error: kafkaError.none, aborted: [], records: none };
      const room = Math.min(wanted.maxBytes, Math.max(left, 0));
      let found: Read = { bytes: none, aborted: [] };
      const unreadable = codeOf(() => {
        found = log?.read(offset, room, committedOnly) ?? found;
      });
      if (unreadable !== kafkaError.none) failed = true;
      left -= found.bytes.length;
      size += found.bytes.length;
      return { ...at, error: unreadable, aborted: found.aborted, records: found.bytes };
    }),
  }));
  return { topics: answers, size, failed };
}

/** One of the partitions has got something, or the time is over, or nobody waits any more. */
function changed({ topics }: Request, { broker, signal }: Call, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const ends: (() => void)[] = [];
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      for (const end of ends) end();
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
    for (const { topic, partitions } of topics)
      for (const { partition } of partitions) {
        const log = broker.topics.find(topic)?.logs[partition];
        if (log !== undefined) ends.push(log.onChange(over));
      }
  });
}
