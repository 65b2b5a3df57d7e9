import type { Scheduler } from './scheduler.ts';

export interface JoinRequest {
  readonly member: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** What the member says of itself, for the leader. */
  readonly metadata: Buffer;
}

export interface Joined {
  readonly error: number;
  readonly member: string;
  readonly generation: number;
  readonly leader: string;
  /** Only for the leader. */
  readonly members: readonly { readonly member: string; readonly metadata: Buffer }[];
}

export interface Synced {
  readonly error: number;
  readonly partitions: readonly number[];
}

interface Member extends JoinRequest {
  expires: number;
  joining: ((joined: Joined) => void) | undefined;
  syncing: ((synced: Synced) => void) | undefined;
  assigned: readonly number[];
}

const unknownMember = 25;
const illegalGeneration = 22;
const rebalancing = 27;
const memberIdRequired = 79;

/** The group coordinator (classic protocol) with the offsets that the group has committed, or is about to. */
export class GroupModel {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #committed = new Map<number, number>();
  readonly #pending = new Map<bigint, Map<number, number>>();
  readonly #members = new Map<string, Member>();
  readonly #issued = new Set<string>();
  #state: 'empty' | 'preparing' | 'completing' | 'stable' = 'empty';
  #generation = 0;
  #leader = '';
  #rebalance = 0;
  #names = 0;
  /** Hears of each offset that takes effect. */
  onCommitted: (partition: number, offset: number, before: number) => void = () => undefined;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
  }

  join(request: JoinRequest, answer: (joined: Joined) => void): void {
    let { member } = request;
    const refuse = (error: number) => answer({ error, member, generation: -1, leader: '', members: [] });
    if (member === '') {
      member = `m${++this.#names}`;
      this.#issued.add(member);
      return refuse(memberIdRequired);
    }
    const known = this.#members.get(member);
    if (known === undefined && !this.#issued.delete(member)) return refuse(unknownMember);
    const made: Member = {
      ...request,
      expires: known?.expires ?? 0,
      joining: answer,
      syncing: undefined,
      assigned: known?.assigned ?? [],
    };
    const isSame = known?.metadata.equals(request.metadata) === true;
    this.#members.set(member, made);
    this.#touch(member);
    if (isSame && (this.#state === 'completing' || (this.#state === 'stable' && this.#leader !== member))) {
      made.joining = undefined;
      return answer(this.#joined(member));
    }
    this.#prepare();
    this.#completeIfAll();
  }

  sync(
    member: string,
    generation: number,
    assignments: ReadonlyMap<string, readonly number[]>,
    answer: (synced: Synced) => void,
  ): void {
    const error = this.#faultOf(member, generation);
    const found = this.#members.get(member);
    if (error !== 0 || found === undefined) return answer({ error, partitions: [] });
    this.#touch(member);
    if (this.#state === 'preparing') return answer({ error: rebalancing, partitions: [] });
    if (this.#state === 'completing' && member === this.#leader) {
      this.#scheduler.trace(
        ' ',
        this.name,
        'generation',
        generation,
        [...assignments].map(([one, own]) => `${one}:${own.join()}`).join(' '),
      );
      this.#state = 'stable';
      for (const [name, one] of this.#members) {
        one.assigned = assignments.get(name) ?? [];
        one.syncing?.({ error: 0, partitions: one.assigned });
        one.syncing = undefined;
        this.#touch(name);
      }
    }
    if (this.#state === 'stable') answer({ error: 0, partitions: found.assigned });
    else found.syncing = answer;
  }

  heartbeat(member: string, generation: number): number {
    const error = this.#faultOf(member, generation);
    if (error !== 0) return error;
    this.#touch(member);
    return this.#state === 'preparing' ? rebalancing : 0;
  }

  leave(member: string): void {
    if (!this.#members.delete(member)) return;
    this.#scheduler.trace(' ', this.name, member, 'is gone');
    if (this.#members.size === 0) this.#state = 'empty';
    else if (this.#state !== 'preparing') this.#prepare();
    this.#completeIfAll();
  }

  describe(): { readonly state: string; readonly members: readonly { readonly metadata: Buffer }[] } {
    const state = this.#state === 'stable' ? 'Stable' : 'PreparingRebalance';
    return { state, members: state === 'Stable' ? [...this.#members.values()] : [] };
  }

  /** KIP-447: whoever is not in the group as of now commits nothing. */
  faultOfCommit(membership: { readonly member: string; readonly generation: number } | undefined): number {
    return membership === undefined ? 0 : this.#faultOf(membership.member, membership.generation);
  }

  pend(producer: bigint, offsets: Iterable<readonly [partition: number, offset: number]>): void {
    const pending = this.#pending.get(producer) ?? new Map<number, number>();
    for (const [partition, offset] of offsets) pending.set(partition, offset);
    this.#pending.set(producer, pending);
  }

  decide(producer: bigint, commit: boolean): void {
    const pending = this.#pending.get(producer);
    this.#pending.delete(producer);
    if (!commit) return;
    for (const [partition, offset] of pending ?? []) {
      const before = this.#committed.get(partition) ?? 0;
      this.#committed.set(partition, offset);
      this.#scheduler.trace('  offset of', this.name, partition, 'is', offset);
      this.onCommitted(partition, offset, before);
    }
  }

  committed(partition: number): number | undefined {
    return this.#committed.get(partition);
  }

  isPending(partition: number): boolean {
    return [...this.#pending.values()].some((offsets) => offsets.has(partition));
  }

  #faultOf(member: string, generation: number): number {
    if (!this.#members.has(member)) return unknownMember;
    return generation === this.#generation ? 0 : illegalGeneration;
  }

  #touch(member: string): void {
    const found = this.#members.get(member);
    if (found === undefined) return;
    const { now } = this.#scheduler;
    const isWatched = found.expires > now;
    found.expires = now + found.sessionTimeoutMs;
    if (!isWatched) this.#watch(member);
  }

  #watch(member: string): void {
    const found = this.#members.get(member);
    if (found === undefined) return;
    const look = () => {
      const still = this.#members.get(member);
      if (still === undefined) return;
      // Who waits for the others is not asked for a heartbeat.
      if (still.joining !== undefined || still.syncing !== undefined)
        still.expires = this.#scheduler.now + still.sessionTimeoutMs;
      if (still.expires > this.#scheduler.now) return this.#watch(member);
      this.#scheduler.trace(' ', this.name, 'session of', member, 'ended');
      this.leave(member);
    };
    this.#scheduler.after(found.expires - this.#scheduler.now, look, null);
  }

  #prepare(): void {
    if (this.#state === 'preparing') return;
    for (const one of this.#members.values()) {
      one.syncing?.({ error: rebalancing, partitions: [] });
      one.syncing = undefined;
    }
    this.#state = 'preparing';
    const mine = ++this.#rebalance;
    const longest = Math.max(...[...this.#members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
    const over = () => {
      if (this.#state !== 'preparing' || this.#rebalance !== mine) return;
      for (const [name, one] of this.#members) if (one.joining === undefined) this.#members.delete(name);
      this.#completeIfAll();
    };
    this.#scheduler.after(longest, over, null);
  }

  #completeIfAll(): void {
    if (this.#state !== 'preparing' || [...this.#members.values()].some(({ joining }) => joining === undefined)) return;
    this.#generation += 1;
    if (this.#members.size === 0) {
      this.#state = 'empty';
      return;
    }
    this.#state = 'completing';
    if (!this.#members.has(this.#leader)) this.#leader = [...this.#members.keys()][0] ?? '';
    for (const [name, one] of this.#members) {
      one.joining?.(this.#joined(name));
      one.joining = undefined;
      this.#touch(name);
    }
  }

  #joined(member: string): Joined {
    const all = [...this.#members].map(([name, { metadata }]) => ({ member: name, metadata }));
    const members = member === this.#leader ? all : [];
    return { error: 0, member, generation: this.#generation, leader: this.#leader, members };
  }
}
