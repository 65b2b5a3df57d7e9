import { codeOf, kafkaError } from '../errors.ts';
import { refuseDead } from './check.ts';
import type { Group } from './group.ts';

export interface Leaver {
  /** Empty where somebody else removes a static member, by its name. */
  readonly member: string;
  readonly instance: string | null;
}

export interface Left extends Leaver {
  readonly error: number;
}

export async function leave(group: Group, leavers: readonly Leaver[]): Promise<readonly Left[]> {
  refuseDead(group);
  const answers = leavers.map((leaver): Left => ({ ...leaver, error: codeOf(() => remove(group, leaver)) }));
  if (answers.some(({ error }) => error === kafkaError.none)) {
    if (group.state === 'PreparingRebalance') group.completeIfAllJoined();
    else if (group.state !== 'Empty') group.rebalance();
    await group.saved;
  }
  return answers;
}

function remove(group: Group, { member, instance }: Leaver): void {
  if (group.roster.pending.has(member)) return group.remove(member);
  const id = member === '' && instance !== null ? (group.roster.holder(instance) ?? '') : member;
  group.remove(group.roster.find(id, instance).id);
}
