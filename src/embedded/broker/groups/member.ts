/** A way to share partitions out, and what a member says of itself under it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** Who a request comes from; generation -1 and no member: nobody of the group. */
export interface Membership {
  readonly member: string;
  readonly generation: number;
  readonly instance: string | null;
}

export interface JoinRequest {
  readonly group: string;
  /** Empty: it has no id yet. */
  readonly member: string;
  readonly instance: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** A new member is told its id first and joins with it, so that joins repeated by a client leave no ghosts. */
  readonly needsId: boolean;
  /** The leader can be told to keep what is assigned. */
  readonly canSkipAssignment: boolean;
}

export interface Joined {
  readonly error: number;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly member: string;
  /** For the leader only, who shares out. */
  readonly members: readonly { readonly id: string; readonly instance: string | null; readonly metadata: Buffer }[];
}

export interface SyncRequest extends Membership {
  readonly group: string;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** The leader's, by member. */
  readonly assignments: ReadonlyMap<string, Buffer>;
}

export interface Synced {
  readonly error: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Buffer;
}

export interface Member {
  readonly id: string;
  /** Static: it may come back under this name and find its place kept. */
  readonly instance: string | null;
  readonly clientId: string;
  readonly host: string;
  sessionMs: number;
  rebalanceMs: number;
  /** The one that it likes best first. */
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** Has not seen the end of a rebalance yet. */
  isNew: boolean;
  /** Answers the join, or sync, that waits. */
  joining: ((answer: Joined) => void) | undefined;
  syncing: ((answer: Synced) => void) | undefined;
}

export const nothing = Buffer.alloc(0);

export const refusedJoin = (error: number, member: string): Joined => ({
  error,
  generation: -1,
  protocolType: null,
  protocol: null,
  leader: '',
  skipAssignment: false,
  member,
  members: [],
});

export const refusedSync = (error: number): Synced => ({
  error,
  protocolType: null,
  protocol: null,
  assignment: nothing,
});

export function answerJoin(member: Member, answer: Joined): void {
  member.joining?.(answer);
  member.joining = undefined;
}

export function answerSync(member: Member, answer: Synced): void {
  member.syncing?.(answer);
  member.syncing = undefined;
}

/** What it said under a protocol. */
export const metadataOf = ({ protocols }: Member, protocol: string | null): Buffer =>
  protocols.find(({ name }) => name === protocol)?.metadata ?? nothing;

/** It says the same of itself as before. */
export const isUnchanged = ({ protocols: old }: Member, { protocols }: JoinRequest): boolean =>
  old.length === protocols.length &&
  old.every(({ name, metadata }, i) => name === protocols[i]?.name && metadata.equals(protocols[i].metadata));
