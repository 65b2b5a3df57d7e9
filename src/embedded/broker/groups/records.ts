import type { Group } from './group.ts';
import { nothing, type Member } from './member.ts';
import type { Entry } from './write.ts';

/** A committed offset. */
export interface Committed {
  readonly offset: bigint;
  /** -1: not said. */
  readonly leaderEpoch: number;
  readonly note: string;
  readonly time: number;
  /** Where old clients say themselves how long it is to be kept. */
  readonly expires?: number | undefined;
}

/** What a record says. Their keys are made so that of each only the last counts. */
export type Kind =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'offset'; readonly group: string; readonly topic: string; readonly partition: number }
  | {
      readonly kind: 'staged';
      readonly producerId: number;
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
    };

export function keyOf(one: Kind): string {
  if (one.kind === 'group') return JSON.stringify([one.kind, one.group]);
  const place = [one.group, one.topic, one.partition];
  return JSON.stringify(one.kind === 'offset' ? [one.kind, ...place] : [one.kind, one.producerId, ...place]);
}

type Key = ['group', string] | ['offset', string, string, number] | ['staged', number, string, string, number];

export function readKey(key: string): Kind {
  const said = JSON.parse(key) as Key;
  if (said[0] === 'group') return { kind: 'group', group: said[1] };
  if (said[0] === 'offset') return { kind: 'offset', group: said[1], topic: said[2], partition: said[3] };
  return { kind: 'staged', producerId: said[1], group: said[2], topic: said[3], partition: said[4] };
}

export const tombstone = (one: Kind): Entry => ({ key: keyOf(one), value: null });

export const offsetRecord = (one: Kind, { offset, ...more }: Committed): Entry => ({
  key: keyOf(one),
  value: JSON.stringify({ offset: String(offset), ...more }),
});

export function readOffset(value: string): Committed {
  const { offset, ...more } = JSON.parse(value) as Omit<Committed, 'offset'> & { offset: string };
  return { offset: BigInt(offset), ...more };
}

interface SavedMember extends Omit<Member, 'protocols' | 'assignment' | 'isNew' | 'joining' | 'syncing'> {
  readonly protocols: readonly { readonly name: string; readonly metadata: string }[];
  readonly assignment: string;
}

interface SavedGroup {
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string | undefined;
  readonly since: number;
  readonly members: readonly SavedMember[];
}

export function groupRecord(group: Group, assignments: ReadonlyMap<string, Buffer>): Entry {
  const { roster, generation, protocol, since } = group;
  const members = roster.all.map(
    ({ id, instance, clientId, host, sessionMs, rebalanceMs, protocols }): SavedMember => ({
      ...{ id, instance, clientId, host, sessionMs, rebalanceMs },
      protocols: protocols.map(({ name, metadata }) => ({ name, metadata: metadata.toString('base64') })),
      assignment: (assignments.get(id) ?? nothing).toString('base64'),
    }),
  );
  const saved: SavedGroup = {
    generation,
    protocolType: roster.protocolType,
    protocol,
    leader: roster.leader,
    since,
    members,
  };
  return { key: keyOf({ kind: 'group', group: group.id }), value: JSON.stringify(saved) };
}

/** Into a new group. */
export function readGroup(group: Group, value: string): void {
  const { generation, protocolType, protocol, leader, since, members } = JSON.parse(value) as SavedGroup;
  for (const { protocols, assignment, ...member } of members)
    group.roster.add(
      {
        ...member,
        protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata, 'base64') })),
        assignment: Buffer.from(assignment, 'base64'),
        ...{ isNew: false, joining: undefined, syncing: undefined },
      },
      protocolType,
    );
  group.roster.protocolType = protocolType;
  group.roster.leadBy(leader);
  group.restore(generation, protocol, since);
}
