import type { TopicPartition } from '../cluster.ts';

export interface Claim {
  readonly member: string;
  /** What it had in its last generation; of two that claim the same, the later generation is believed. */
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
  /** The transactional id that it writes under. */
  readonly writer?: string;
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;

/**
 * Every partition to one member, as evenly as their number allows, and none moves without need: a partition that stays
 * with its owner is neither closed nor restored.
 */
export function assignSticky(
  claims: readonly Claim[],
  partitions: readonly TopicPartition[],
): ReadonlyMap<string, readonly TopicPartition[]> {
  const least = Math.floor(partitions.length / claims.length);
  let oneMore = partitions.length % claims.length;
  const free = new Map(partitions.map((partition) => [keyOf(partition), partition]));
  const assigned = new Map<string, TopicPartition[]>();

  const believed = ownersOf(claims);
  const held = claims.map(({ member, owned }) => {
    const own = owned.filter((one) => free.has(keyOf(one)) && believed.get(keyOf(one)) === member);
    return { member, own };
  });
  // Who holds most keeps one more, so that fewest move; equals in the order of their ids, so that all come to the same.
  held.sort((a, b) => b.own.length - a.own.length || (a.member < b.member ? -1 : 1));
  for (const { member, own } of held) {
    const keep = own.slice(0, own.length > least && oneMore > 0 ? least + 1 : least);
    if (keep.length > least) oneMore -= 1;
    for (const partition of keep) free.delete(keyOf(partition));
    assigned.set(member, keep);
  }

  const rest = [...free.values()];
  for (const { member } of held) {
    const list = assigned.get(member) ?? [];
    list.push(...rest.splice(0, least - list.length));
  }
  for (const { member } of held) {
    const list = assigned.get(member) ?? [];
    if (list.length === least) list.push(...rest.splice(0, 1));
  }
  return assigned;
}

function ownersOf(claims: readonly Claim[]): ReadonlyMap<string, string> {
  const oldestFirst = [...claims].sort((a, b) => a.generation - b.generation || (a.member < b.member ? 1 : -1));
  return new Map(oldestFirst.flatMap(({ member, owned }) => owned.map((one) => [keyOf(one), member] as const)));
}
