import { kafkaError, Refused } from '../errors.ts';
import type { Group } from './group.ts';
import type { Member, Membership } from './member.ts';

export function refuseDead({ id, state }: Group): void {
  if (state === 'Dead') throw new Refused(kafkaError.coordinatorNotAvailable, `group ${id} is being deleted`);
}

/** Throws unless who asks is in the group's generation. */
export function check(group: Group, { member, generation, instance }: Membership): Member {
  refuseDead(group);
  const found = group.roster.find(member, instance);
  if (generation !== group.generation)
    throw new Refused(
      kafkaError.illegalGeneration,
      `group ${group.id} is in generation ${group.generation}, not ${generation}`,
    );
  return found;
}

/** Throws unless offsets may be committed so. */
export function checkCommit(group: Group, who: Membership, inTransaction: boolean): void {
  refuseDead(group);
  // Whoever shares partitions out without a group keeps its offsets in one that is empty.
  if (who.generation < 0 && group.state === 'Empty') return;
  if (who.generation >= 0 || who.member !== '' || who.instance !== null) check(group, who);
  // Old producers do not say for whom they commit.
  else if (!inTransaction && group.state !== 'Empty')
    throw new Refused(kafkaError.unknownMemberId, `group ${group.id} has members, and this is none of them`);
  if (!inTransaction && group.state === 'CompletingRebalance')
    throw new Refused(kafkaError.rebalanceInProgress, `group ${group.id} is sharing out`);
}
