import type { Producer } from '../../src/kafka/api/22-init-producer-id.ts';
import type { GroupModel } from './group.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Scheduler } from './scheduler.ts';

type State = 'empty' | 'ongoing' | 'committing' | 'aborting' | 'committed' | 'aborted';

interface Transactional {
  readonly id: string;
  producerId: bigint;
  epoch: number;
  /** Of the writer's last request that raised the epoch: its repeat is answered, not refused. */
  lastEpoch: number;
  /** The epoch was raised last by the writer taking up its id. */
  resumed: boolean;
  state: State;
  partitions: Set<PartitionLog>;
  groups: Set<GroupModel>;
  timeoutMs: number;
  number: number;
}

const concurrent = 51;
const invalidEpoch = 47;
const invalidMapping = 49;
const invalidState = 48;
const fenced = 90;

/** The transaction coordinator in the form of KIP-890: the epoch rises at each end, and markers come after the answer. */
export class Transactions {
  readonly #scheduler: Scheduler;
  readonly #markerDelay: () => number;
  readonly #known = new Map<string, Transactional>();
  #nextProducer = 1000n;

  constructor(scheduler: Scheduler, markerDelay: () => number) {
    this.#scheduler = scheduler;
    this.#markerDelay = markerDelay;
  }

  get ongoing(): readonly string[] {
    return [...this.#known.values()].filter(({ state }) => state === 'ongoing').map(({ id }) => id);
  }

  get undecided(): readonly string[] {
    const open: readonly State[] = ['ongoing', 'committing', 'aborting'];
    return [...this.#known.values()].filter(({ state }) => open.includes(state)).map(({ id }) => id);
  }

  init(id: string, own: Producer, timeoutMs: number): { readonly error: number; readonly producer: Producer } {
    const known = this.#known.get(id);
    if (known === undefined) {
      const made: Transactional = {
        id,
        producerId: this.#nextProducer++,
        epoch: 0,
        lastEpoch: -1,
        resumed: true,
        state: 'empty',
        partitions: new Set(),
        groups: new Set(),
        timeoutMs,
        number: 0,
      };
      this.#known.set(id, made);
      return { error: 0, producer: { id: made.producerId, epoch: 0 } };
    }
    const refused = (error: number) => ({ error, producer: { id: -1n, epoch: -1 } });
    const isOwn = own.id !== -1n;
    if (isOwn && own.id !== known.producerId) return refused(fenced);
    if (isOwn && own.epoch !== known.epoch && own.epoch !== known.lastEpoch) return refused(fenced);
    if (known.state === 'ongoing') {
      this.#prepare(known, false);
      return refused(concurrent);
    }
    if (known.state === 'committing' || known.state === 'aborting') return refused(concurrent);
    if (!(isOwn && known.resumed && own.epoch === known.lastEpoch)) {
      known.lastEpoch = isOwn ? own.epoch : -1;
      known.epoch += 1;
      known.resumed = true;
      known.state = 'empty';
    }
    this.#scheduler.trace('  init', id, isOwn ? 'own' : 'new', 'epoch', known.epoch);
    return { error: 0, producer: { id: known.producerId, epoch: known.epoch } };
  }

  /** By name from a client, or through the leader or the group that is written to: these speak of another error. */
  add(
    id: string,
    producer: Producer,
    what: { partition?: PartitionLog; group?: GroupModel },
    explicit: boolean,
  ): number {
    const known = this.#known.get(id);
    if (known?.producerId !== producer.id) return invalidMapping;
    if (known.epoch !== producer.epoch) return explicit ? fenced : invalidEpoch;
    if (known.state === 'committing' || known.state === 'aborting') return concurrent;
    if (known.state !== 'ongoing') this.#begin(known);
    if (what.partition !== undefined) known.partitions.add(what.partition);
    if (what.group !== undefined) known.groups.add(what.group);
    return 0;
  }

  end(id: string, producer: Producer, commit: boolean): { readonly error: number; readonly next: Producer } {
    const known = this.#known.get(id);
    const answer = (error: number) => ({
      error,
      next: error === 0 && known ? { id: known.producerId, epoch: known.epoch } : { id: -1n, epoch: -1 },
    });
    if (known?.producerId !== producer.id) return answer(invalidMapping);
    const { state } = known;
    if (producer.epoch === known.epoch) {
      if (state === 'committing' || state === 'aborting') return answer(concurrent);
      if (state === 'ongoing') this.#prepare(known, commit);
      else if (commit) return answer(invalidState);
      else {
        known.lastEpoch = known.epoch;
        known.epoch += 1;
        known.resumed = false;
        known.state = 'aborted';
      }
      return answer(0);
    }
    if (producer.epoch !== known.lastEpoch || state === 'ongoing' || state === 'empty') return answer(fenced);
    if (state === (commit ? 'committed' : 'aborted')) return answer(0);
    return answer(state === (commit ? 'committing' : 'aborting') ? concurrent : invalidState);
  }

  #begin(known: Transactional): void {
    known.state = 'ongoing';
    known.partitions = new Set();
    known.groups = new Set();
    const number = ++known.number;
    const timedOut = () => {
      if (known.state !== 'ongoing' || known.number !== number) return;
      this.#scheduler.trace('  transaction of', known.id, 'timed out');
      this.#prepare(known, false);
    };
    this.#scheduler.after(known.timeoutMs, timedOut, null);
  }

  #prepare(known: Transactional, commit: boolean): void {
    known.state = commit ? 'committing' : 'aborting';
    known.lastEpoch = known.epoch;
    known.epoch += 1;
    known.resumed = false;
    const { id, producerId, epoch } = known;
    this.#scheduler.trace('  end of', id, 'epoch', known.lastEpoch, commit ? 'commit' : 'abort');
    let left = 1;
    const done = () => {
      left -= 1;
      if (left === 0) known.state = commit ? 'committed' : 'aborted';
    };
    for (const log of known.partitions) {
      left += 1;
      const mark = () => {
        this.#scheduler.trace('  marker', id, commit ? 'commit' : 'abort', log.topic, log.partition);
        log.mark(producerId, epoch, commit);
        log.changed();
        done();
      };
      this.#scheduler.after(this.#markerDelay(), mark, null);
    }
    for (const group of known.groups) {
      left += 1;
      const decide = () => {
        group.decide(producerId, commit);
        done();
      };
      this.#scheduler.after(this.#markerDelay(), decide, null);
    }
    this.#scheduler.after(this.#markerDelay() / 4, done, null);
  }
}
