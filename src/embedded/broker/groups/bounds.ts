import { kafkaError, Refused } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Group } from './group.ts';
import type { JoinRequest } from './member.ts';

/** What is kept of each member whatever it says: about so many bytes. */
const ownBytes = 1_024;

type Said = Pick<JoinRequest, 'clientId' | 'instance' | 'protocols'>;

function bytesSaid({ clientId, instance, protocols }: Said): number {
  const said = protocols.reduce((sum, { name, metadata }) => sum + name.length + metadata.length, 0);
  return ownBytes + clientId.length + (instance?.length ?? 0) + said;
}

const bytesIn = ({ roster }: Group): number =>
  roster.all.reduce((sum, one) => sum + bytesSaid(one) + one.assignment.length, 0);

export function checkId(id: string): void {
  if (id.length > limits.longestId)
    throw new Refused(kafkaError.invalidGroupId, `an id of ${id.length} characters; at most ${limits.longestId}`);
}

/** Throws where whoever joins would make the group, or all of them, larger than there is memory for. */
export function checkJoin(group: Group, all: Iterable<Group>, request: JoinRequest): void {
  const { roster, id } = group;
  const { member, instance } = request;
  checkId(instance ?? '');
  const old = roster.get((instance === null ? undefined : roster.holder(instance)) ?? member);
  const isNew = old === undefined && !roster.pending.has(member);
  if (isNew && roster.size + roster.pending.size >= limits.mostMembers)
    throw new Refused(kafkaError.groupMaxSizeReached, `group ${id} has ${limits.mostMembers} members`);
  const more = bytesSaid(request) - (old === undefined ? 0 : bytesSaid(old));
  if (more <= 0) return;
  if (bytesIn(group) + more > limits.groupBytes)
    throw new Refused(kafkaError.groupMaxSizeReached, `the members of group ${id} say too much of themselves`);
  const taken = Array.from(all, bytesIn).reduce((sum, bytes) => sum + bytes, 0);
  if (taken + more > limits.allGroupsBytes)
    throw new Refused(kafkaError.policyViolation, `there is no room for what members of ${id} say of themselves`);
}

/** Throws where what a leader has shared out is too much to be kept. */
export function checkShares(shares: ReadonlyMap<string, Buffer>): void {
  const bytes = [...shares.values()].reduce((sum, share) => sum + share.length, 0);
  if (bytes > limits.groupBytes)
    throw new Refused(
      kafkaError.unknownServerError,
      `${bytes} bytes shared out; at most ${limits.groupBytes} are kept`,
    );
}
