import { DownlinkError } from '../../errors.ts';
import { describeGroup } from '../api/15-describe-groups.ts';
import type { Cluster, TopicPartition } from '../cluster.ts';
import { persist } from '../persist.ts';
import { forbidden, refused } from '../reader/offsets.ts';
import { In } from '../wire/in.ts';

export interface GroupMembers {
  /** `Stable` between two rebalances, `Empty` without members, `Dead` where nothing is known of such a group. */
  readonly state: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly member: string;
  readonly clientId: string;
  /** As the broker saw it come. */
  readonly host: string;
  /** Of all topics of the group; empty in the middle of a rebalance. */
  readonly partitions: readonly TopicPartition[];
}

/** `GROUP_ID_NOT_FOUND`: nobody was ever in it. */
const unknownGroup = 69;

/** Who is in a group and what each has, as the coordinator knows it: from outside of all members. */
export async function membersOf(cluster: Cluster, group: string, deadlineMs = 10_000): Promise<GroupMembers> {
  const what = `the members of ${group}`;
  const forget = () => {
    cluster.forgetCoordinator('group', group);
  };
  const attempt = async () => {
    const found = await cluster.send({ coordinator: 'group', key: group }, describeGroup, group);
    if (found?.error === 0) return found;
    if (found?.error === unknownGroup) return { state: 'Dead', members: [] };
    if (found !== undefined && forbidden.has(found.error)) throw refused(what, found.error);
    forget();
    return 'again' as const;
  };
  const { state, members } = await persist(what, Date.now() + deadlineMs, attempt, forget);
  return {
    state,
    members: members.map(({ member, clientId, host, assignment }) => {
      return { member, clientId, host, partitions: partitionsIn(assignment) };
    }),
  };
}

/** Kafka's own format of what a group's leader gave a member; empty while it has given nothing. */
export function partitionsIn(assignment: Buffer): readonly TopicPartition[] {
  if (assignment.length === 0) return [];
  const bytes = new In(assignment);
  if (bytes.int16() < 0) throw new DownlinkError('kafka-unreadable', 'an assignment of a negative version');
  return bytes
    .array(() => ({ topic: bytes.string() ?? '', partitions: bytes.array(() => bytes.int32()) }))
    .flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
