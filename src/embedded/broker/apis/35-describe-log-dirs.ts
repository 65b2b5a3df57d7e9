import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { kafkaError } from '../errors.ts';
import { writeTopics, type Api, type Grouped } from './api.ts';

interface Response {
  readonly folder: string;
  readonly topics: readonly Grouped<{ readonly partition: number; readonly size: number }>[];
  readonly totalBytes: number;
  readonly usableBytes: number;
}

// [topic, [partition i32]]?
// -> throttle i32, error i16 (3+), [error i16, folder, [topic, [partition i32, size i64, lag i64, future bool]], total i64 (4+), usable i64 (4+)]
export const describeLogDirs: Api<readonly Grouped<number>[] | null, Response> = {
  key: 35,
  name: 'DescribeLogDirs',
  served: { min: 1, max: 4 },
  flexibleFrom: 2,
  read: (from) =>
    from.items(() => from.struct(() => ({ topic: from.string(), partitions: from.array(() => from.int32()) }))),
  write: (to, { folder, topics, totalBytes, usableBytes }, version) => {
    to.int32(0);
    if (version >= 3) to.int16(kafkaError.none);
    to.array([folder], () => {
      to.int16(kafkaError.none).text(folder);
      writeTopics(to, topics, ({ partition, size }) => {
        to.int32(partition).int64(BigInt(size)).int64(0n).bool(false).tags();
      });
      if (version >= 4) to.int64(BigInt(totalBytes)).int64(BigInt(usableBytes));
      to.tags();
    }).tags();
  },
  handle: (wanted, { broker }) => {
    const folder = resolve(broker.settings.folder);
    const { bsize, blocks, bavail } = statfsSync(folder);
    const asked = wanted && new Map(wanted.map(({ topic, partitions }) => [topic, new Set(partitions)]));
    const topics = Array.from(broker.topics.all, ({ name, logs }) => ({
      topic: name,
      partitions: logs
        .map(({ size }, partition) => ({ partition, size }))
        .filter(({ partition }) => asked?.get(name)?.has(partition) ?? asked === null),
    })).filter(({ partitions }) => partitions.length > 0);
    return { folder, topics, totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  },
};
