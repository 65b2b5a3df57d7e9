import { kafkaError } from '../errors.ts';
import type { Answered, Commit, OffsetToCommit } from '../groups/commits.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';
import { refusedAs } from './refused.ts';

const refuse = ({ offsets }: Commit, error: number): readonly Grouped<Answered>[] =>
  offsets.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, error })),
  }));

// group, generation i32, member, instance? (7+), retention i64 (..4), [topic, [partition i32, offset i64, leader epoch i32 (6+), note?]]
// -> throttle i32 (3+), [topic, [partition i32, error i16]]
export const offsetCommit: Api<Commit, readonly Grouped<Answered>[]> = {
  key: 8,
  name: 'OffsetCommit',
  served: { min: 2, max: 9 },
  // librdkafka shares partitions out only where version 1 is there, which it never asks for.
  advertised: { min: 1, max: 9 },
  flexibleFrom: 8,
  read: (from, version) => {
    const [group, generation, member] = [from.string(), from.int32(), from.string()];
    const instance = version >= 7 ? from.text() : null;
    const retentionMs = version <= 4 ? Number(from.int64()) : -1;
    const offsets = readTopics(from, () =>
      from.struct((): OffsetToCommit => {
        const [partition, offset] = [from.int32(), from.int64()];
        const leaderEpoch = version >= 6 ? from.int32() : -1;
        return { partition, offset, leaderEpoch, note: from.text() };
      }),
    );
    return { group, who: { generation, member, instance }, retentionMs, offsets };
  },
  write: (to, topics, version) => {
    if (version >= 3) to.int32(0);
    writeTopics(to, topics, ({ partition, error }) => to.int32(partition).int16(error).tags()).tags();
  },
  refuse,
  handle: (request, { broker, version }) =>
    broker.groups.commit(request).catch(
      refusedAs((code) => {
        // Older clients do not know that a group can be gone.
        const isOld = code === kafkaError.groupIdNotFound && version < 9;
        return refuse(request, isOld ? kafkaError.illegalGeneration : code);
      }),
    ),
};
