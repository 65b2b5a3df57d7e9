import { kafkaError } from '../errors.ts';
import { metadataOf, type Joined, type Member } from './member.ts';
import type { Roster } from './roster.ts';

export interface Generation {
  readonly roster: Roster;
  readonly generation: number;
  readonly protocol: string | null;
}

/** A generation, as a member of it is told. */
export function joined(
  { roster, generation, protocol }: Generation,
  { id }: Member,
  told: Partial<Joined> = {},
): Joined {
  const leads = roster.leader === id;
  return {
    error: kafkaError.none,
    generation,
    protocolType: roster.protocolType,
    protocol,
    leader: roster.leader ?? '',
    skipAssignment: false,
    member: id,
    members: leads
      ? roster.all.map((one) => ({ id: one.id, instance: one.instance, metadata: metadataOf(one, protocol) }))
      : [],
    ...told,
  };
}
