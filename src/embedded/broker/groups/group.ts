import { kafkaError, type KafkaError } from '../errors.ts';
import { joined } from './joined.ts';
import { answerJoin, answerSync, nothing, refusedJoin, refusedSync, type Member } from './member.ts';
import { Roster } from './roster.ts';
import { consumers, subscribedTopics } from './subscription.ts';
import { openTimers, type After, type Timers } from './timers.ts';

/** Dead: it is being deleted. */
export type State = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export interface Surroundings {
  readonly after: After;
  readonly now: () => number;
  readonly initialRebalanceMs: number;
  /** Resolves when its members, with these assignments, would be found again after a restart. */
  readonly save: (group: Group, assignments: ReadonlyMap<string, Buffer>) => Promise<void>;
}

/** Whose join has waited so long has most likely gone: its connection is not watched while it waits. */
const longestFirstJoinMs = 5 * 60_000;

/** One group, and how it comes from one generation to the next. */
export class Group {
  readonly id: string;
  readonly roster = new Roster();
  readonly #around: Surroundings;
  readonly #timers: Timers;
  #state: State = 'Empty';
  #before: State = 'Empty';
  #since: number;
  #generation = 0;
  #protocol: string | null = null;
  #subscribed: ReadonlySet<string> | undefined;
  /** Were told of the generation and have not asked for their share of it. */
  readonly #unsynced = new Set<string>();
  #joinedLate = false;
  /** The last record that it wrote on its own. */
  saved: Promise<void> = Promise.resolve();

  constructor(id: string, around: Surroundings) {
    this.id = id;
    this.#around = around;
    this.#timers = openTimers(around.after);
    this.#since = around.now();
  }

  get state(): State {
    return this.#state;
  }
  /** When it came into its state. */
  get since(): number {
    return this.#since;
  }
  get generation(): number {
    return this.#generation;
  }
  get protocol(): string | null {
    return this.#protocol;
  }
  get ofConsumers(): boolean {
    return this.roster.protocolType === consumers;
  }
  /** Where nobody knows what its consumers read, they might read anything. */
  reads(topic: string): boolean {
    return this.#subscribed?.has(topic) ?? this.ofConsumers;
  }

  to(state: State): void {
    this.#before = this.#state;
    this.#state = state;
    this.#since = this.#around.now();
    if (state === 'Dead') this.close();
  }

  /** As it was before a restart. */
  restore(generation: number, protocol: string | null, since: number): void {
    this.#generation = generation;
    this.#protocol = protocol;
    this.#state = this.roster.size === 0 ? 'Empty' : 'Stable';
    this.#since = since;
    this.#subscribed = subscribedTopics(this.roster.protocolType, protocol, this.roster.all);
  }

  save(assignments: ReadonlyMap<string, Buffer>): Promise<void> {
    return this.#around.save(this, assignments);
  }

  assignments(): Map<string, Buffer> {
    return new Map(this.roster.all.map(({ id, assignment }) => [id, assignment]));
  }

  /** It has been heard of, or something has been sent to it that it will answer. */
  alive(id: string, ms: number): void {
    this.#timers.set(`session of ${id}`, ms, () => this.#expire(id));
  }

  expect(id: string, ms: number): void {
    this.roster.pending.add(id);
    this.alive(id, ms);
  }

  add(member: Member, protocolType: string): void {
    if (this.#state === 'PreparingRebalance' && this.#before === 'Empty') this.#joinedLate = true;
    this.roster.add(member, protocolType);
    this.alive(member.id, longestFirstJoinMs);
    this.rebalance();
  }

  /** What follows from it is up to the caller. */
  remove(id: string): void {
    const member = this.roster.get(id);
    this.roster.remove(id);
    this.#unsynced.delete(id);
    this.#timers.cancel(`session of ${id}`);
    if (member === undefined) return;
    answerJoin(member, refusedJoin(kafkaError.unknownMemberId, ''));
    answerSync(member, refusedSync(kafkaError.unknownMemberId));
  }

  /** A static member is back. */
  replace(old: Member, id: string): Member {
    this.#timers.cancel(`session of ${old.id}`);
    const member = this.roster.replace(old, id);
    if (this.#unsynced.delete(old.id)) this.#unsynced.add(id);
    this.alive(id, member.sessionMs);
    return member;
  }

  /** Begins one; in one already, it may be that now all are there. */
  rebalance(): void {
    if (this.#state === 'PreparingRebalance') this.completeIfAllJoined();
    else if (this.#state !== 'Dead') this.#prepare();
  }

  completeIfAllJoined(): void {
    // In its first rebalance a group waits its time for members that nobody has heard of yet.
    const first = this.#before === 'Empty';
    if (this.#state === 'PreparingRebalance' && !first && this.roster.isComplete) this.#complete();
  }

  #prepare(): void {
    if (this.#state === 'CompletingRebalance') this.#withhold(kafkaError.rebalanceInProgress);
    this.#unsynced.clear();
    this.#timers.cancel('sync');
    const first = this.#state === 'Empty';
    this.to('PreparingRebalance');
    if (first) {
      const { initialRebalanceMs } = this.#around;
      this.#joinedLate = false;
      this.#waitForMore(initialRebalanceMs, Math.max(0, this.roster.rebalanceMs - initialRebalanceMs));
    } else if (this.roster.isComplete) this.#complete();
    else this.#waitForJoins();
  }

  #waitForJoins(): void {
    this.#timers.set('join', this.roster.rebalanceMs, () => this.#complete());
  }

  /** As long as members come, more are waited for, up to the rebalance time-out. */
  #waitForMore(ms: number, left: number): void {
    this.#timers.set('join', ms, () => {
      if (!this.#joinedLate || left === 0) return this.#complete();
      this.#joinedLate = false;
      this.#waitForMore(Math.min(this.#around.initialRebalanceMs, left), Math.max(0, left - ms));
    });
  }

  /** Those who have not come back are out, unless they are static; the others are the next generation. */
  #complete(): void {
    this.#timers.cancel('join');
    const { roster } = this;
    for (const { id, joining, instance } of roster.all) if (joining === undefined && instance === null) this.remove(id);
    // Static members only, and none of them is back: their sessions end, or they come.
    if (!roster.electJoined() && roster.size > 0) return this.#waitForJoins();
    this.#generation += 1;
    this.#unsynced.clear();
    this.#protocol = roster.selectProtocol();
    this.#subscribed = subscribedTopics(roster.protocolType, this.#protocol, roster.all);
    if (roster.size === 0) {
      this.to('Empty');
      // Should it be forgotten, the generation before comes back, and times out.
      this.saved = this.save(new Map()).catch(() => undefined);
      return;
    }
    this.to('CompletingRebalance');
    for (const member of roster.all) {
      answerJoin(member, joined(this, member));
      this.alive(member.id, member.sessionMs);
      member.isNew = false;
      this.#unsynced.add(member.id);
    }
    this.#timers.set('sync', roster.rebalanceMs, () => {
      for (const id of [...this.#unsynced]) this.remove(id);
      this.#prepare();
    });
  }

  /** It has asked for its share. */
  hasSynced(id: string): void {
    this.#unsynced.delete(id);
    if (this.#unsynced.size === 0) this.#timers.cancel('sync');
  }

  /** The leader's word is written down. */
  settle(assignments: ReadonlyMap<string, Buffer>): void {
    for (const member of this.roster.all) this.#assign(member, assignments.get(member.id) ?? nothing, kafkaError.none);
    this.to('Stable');
  }

  /** The leader's word could not be written down. */
  fail(error: KafkaError): void {
    this.#withhold(error);
    this.rebalance();
  }

  #withhold(error: KafkaError): void {
    for (const member of this.roster.all) this.#assign(member, nothing, error);
  }

  #assign(member: Member, assignment: Buffer, error: KafkaError): void {
    member.assignment = assignment;
    if (member.syncing === undefined) return;
    const { protocolType } = this.roster;
    const told = { error, protocolType, protocol: this.#protocol, assignment };
    answerSync(member, error === kafkaError.none ? told : refusedSync(error));
    // While it waited it had not to be heard of.
    this.alive(member.id, member.sessionMs);
  }

  #expire(id: string): void {
    const member = this.roster.get(id);
    const waits = member?.joining !== undefined || member?.syncing !== undefined;
    if (waits && !member.isNew) return;
    const known = member !== undefined;
    this.remove(id);
    if (this.#state === 'PreparingRebalance') {
      if (this.roster.isComplete) this.#complete();
    } else if (known && this.#state !== 'Empty') this.rebalance();
  }

  close(): void {
    this.#timers.close();
  }
}
