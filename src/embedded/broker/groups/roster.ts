import { kafkaError, Refused } from '../errors.ts';
import { answerJoin, answerSync, refusedJoin, refusedSync, type Member, type Protocol } from './member.ts';

/** Who is in a group, who leads it, and what all of them can do. */
export class Roster {
  readonly #members = new Map<string, Member>();
  readonly #instances = new Map<string, string>();
  /** Have been told their id, and should be back with it soon. */
  readonly pending = new Set<string>();
  protocolType: string | null = null;
  #leader: string | undefined;

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }
  get size(): number {
    return this.#members.size;
  }
  get leader(): string | undefined {
    return this.#leader;
  }
  get(id: string): Member | undefined {
    return this.#members.get(id);
  }
  /** The member under a static member's name. */
  holder(instance: string): string | undefined {
    return this.#instances.get(instance);
  }

  /** Throws unless there is such a member, and nobody took its place. */
  find(id: string, instance: string | null): Member {
    const holder = instance === null ? id : this.#instances.get(instance);
    if (holder !== undefined && holder !== id)
      throw new Refused(kafkaError.fencedInstanceId, `${instance} is ${holder} by now and not ${id}`);
    const member = holder === undefined ? undefined : this.#members.get(holder);
    if (member === undefined) throw new Refused(kafkaError.unknownMemberId, `no member ${id}`);
    return member;
  }

  add(member: Member, protocolType: string | null): void {
    if (this.#members.size === 0) this.protocolType = protocolType;
    this.#members.set(member.id, member);
    if (member.instance !== null) this.#instances.set(member.instance, member.id);
    this.#leader ??= member.id;
    this.pending.delete(member.id);
  }

  remove(id: string): void {
    this.pending.delete(id);
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.delete(id);
    if (member.instance !== null) this.#instances.delete(member.instance);
    if (this.#leader === id) this.#leader = this.#members.keys().next().value;
  }

  /** A static member is back under a new id; whoever still waits under the old one is fenced. */
  replace(old: Member, id: string): Member {
    answerJoin(old, refusedJoin(kafkaError.fencedInstanceId, old.id));
    answerSync(old, refusedSync(kafkaError.fencedInstanceId));
    const leads = this.#leader === old.id;
    const member: Member = { ...old, id, isNew: false };
    this.#members.delete(old.id);
    this.#members.set(id, member);
    if (old.instance !== null) this.#instances.set(old.instance, id);
    if (leads) this.#leader = id;
    return member;
  }

  leadBy(id: string | undefined): void {
    this.#leader = id;
  }

  /** Nobody is missing of those in it, or told to come. */
  get isComplete(): boolean {
    return this.pending.size === 0 && this.all.every(({ joining }) => joining !== undefined);
  }

  /** That a leader has joined: the one there was, or else one who has. False where nobody has. */
  electJoined(): boolean {
    if (this.#leader === undefined) return false;
    if (this.#members.get(this.#leader)?.joining !== undefined) return true;
    const next = this.all.find(({ joining }) => joining !== undefined);
    if (next !== undefined) this.#leader = next.id;
    return next !== undefined;
  }

  /** As long as the slowest of them may take. */
  get rebalanceMs(): number {
    return Math.max(0, ...this.all.map(({ rebalanceMs }) => rebalanceMs));
  }

  /** That there is one of these that all members can do. */
  supports(protocolType: string, protocols: readonly Protocol[]): boolean {
    const common = this.#common();
    return this.protocolType === protocolType && protocols.some(({ name }) => common.has(name));
  }

  /** Each votes for the first in its list that all can do. */
  selectProtocol(): string | null {
    const common = this.#common();
    const votes = new Map<string, number>();
    for (const { protocols } of this.all) {
      const choice = protocols.find(({ name }) => common.has(name))?.name;
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    return [...votes].reduce<readonly [string | null, number]>(
      (most, one) => (one[1] > most[1] ? one : most),
      [null, 0],
    )[0];
  }

  #common(): Set<string> {
    const [first, ...others] = this.all.map(({ protocols }) => new Set(protocols.map(({ name }) => name)));
    return new Set([...(first ?? [])].filter((name) => others.every((one) => one.has(name))));
  }
}
