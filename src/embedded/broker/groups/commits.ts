import { kafkaError, Refused, type KafkaError } from '../errors.ts';
import { limits } from '../limits.ts';
import { checkCommit } from './check.ts';
import type { Directory } from './directory.ts';
import type { Group } from './group.ts';
import type { Membership } from './member.ts';
import type { ByTopic, Place } from './offsets.ts';
import type { Committed } from './records.ts';

export interface OffsetToCommit {
  readonly partition: number;
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly note: string | null;
}

export interface Answered {
  readonly partition: number;
  readonly error: number;
}

export interface Fetched extends Answered {
  /** -1: there is none. */
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly note: string;
}

export interface Commit {
  readonly group: string;
  readonly who: Membership;
  readonly offsets: readonly ByTopic<OffsetToCommit>[];
  /** Old clients say how long an offset is to be kept; -1, and nobody: as long as the broker keeps them. */
  readonly retentionMs?: number;
}

/** How offsets come to be known and are asked for. */
export interface Commits {
  commit(request: Commit): Promise<readonly ByTopic<Answered>[]>;
  stage(producerId: number, request: Commit): Promise<readonly ByTopic<Answered>[]>;
  fetch(group: string, wanted: readonly ByTopic<number>[] | null, stable: boolean): readonly ByTopic<Fetched>[];
  remove(group: string, places: readonly ByTopic<number>[]): Promise<readonly ByTopic<Answered>[]>;
}

export function openCommits(
  directory: Directory,
  partitionsOf: (topic: string) => number | undefined,
  now: () => number,
): Commits {
  const { offsets } = directory;

  /** Whoever is in no group makes one by committing for it. */
  const groupFor = (id: string, { generation }: Membership): Group => {
    if (directory.find(id) === undefined && generation >= 0)
      throw new Refused(kafkaError.groupIdNotFound, `no group ${id}`);
    return directory.open(id);
  };

  const errorOf = (topic: string, { partition, note }: OffsetToCommit): KafkaError => {
    const isThere = partition >= 0 && partition < (partitionsOf(topic) ?? 0);
    if (!isThere) return kafkaError.unknownTopicOrPartition;
    return (note?.length ?? 0) > limits.longestNote ? kafkaError.offsetMetadataTooLarge : kafkaError.none;
  };

  /** What can be taken is taken; each partition has its own answer. */
  const take = async (
    { group, offsets: all, retentionMs = -1 }: Commit,
    write: (taken: readonly (Place & Committed)[]) => Promise<void>,
  ): Promise<readonly ByTopic<Answered>[]> => {
    const time = now();
    const expires = retentionMs < 0 ? undefined : time + retentionMs;
    const taken: (Place & Committed)[] = [];
    const isFull = offsets.bytes > limits.offsetsBytes;
    const answers = all.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((one): Answered => {
        const { partition, offset, leaderEpoch } = one;
        const note = one.note ?? '';
        const isMore = isFull && offsets.find({ group, topic, partition }) === undefined;
        const error = isMore ? kafkaError.invalidCommitOffsetSize : errorOf(topic, one);
        if (error === kafkaError.none)
          taken.push({ group, topic, partition, offset, leaderEpoch, note, time, expires });
        return { partition, error };
      }),
    }));
    if (taken.length > 0) await write(taken);
    return answers;
  };

  const fetched = (group: string, topic: string, partition: number, stable: boolean): Fetched => {
    const none = { partition, error: kafkaError.none, offset: -1n, leaderEpoch: -1, note: '' };
    if (stable && offsets.isStaged({ group, topic, partition }))
      return { ...none, error: kafkaError.unstableOffsetCommit };
    const held = offsets.find({ group, topic, partition });
    if (held === undefined) return none;
    const { offset, leaderEpoch, note } = held;
    return { ...none, offset, leaderEpoch, note };
  };

  const allOf = (group: string): readonly ByTopic<number>[] => {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of offsets.of(group)) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
  };

  return {
    commit: async (request) => {
      const group = groupFor(request.group, request.who);
      checkCommit(group, request.who, false);
      const member = group.roster.get(request.who.member);
      // Who commits is alive.
      if (member !== undefined && group.state !== 'CompletingRebalance') group.alive(member.id, member.sessionMs);
      return take(request, (taken) => offsets.commit(taken));
    },
    stage: async (producerId, request) => {
      checkCommit(groupFor(request.group, request.who), request.who, true);
      return take(request, (taken) => offsets.stage(producerId, taken));
    },
    fetch: (group, wanted, stable) =>
      (wanted ?? allOf(group)).map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((partition) => fetched(group, topic, partition, stable)),
      })),
    remove: async (id, places) => {
      const group = directory.find(id);
      if (group === undefined || group.state === 'Dead')
        throw new Refused(kafkaError.groupIdNotFound, `no group ${id}`);
      if (group.state !== 'Empty' && !group.ofConsumers)
        throw new Refused(kafkaError.nonEmptyGroup, `group ${id} has members, and nobody knows what they read`);
      const gone = places
        .filter(({ topic }) => !group.reads(topic))
        .flatMap(({ topic, partitions }) =>
          partitions.map((partition) => offsets.find({ group: id, topic, partition })),
        );
      await directory.removeOffsets(gone.filter((one) => one !== undefined));
      const errorFor = (topic: string): KafkaError =>
        group.reads(topic) ? kafkaError.groupSubscribedToTopic : kafkaError.none;
      return places.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((partition) => ({ partition, error: errorFor(topic) })),
      }));
    },
  };
}
