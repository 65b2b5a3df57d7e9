import { kafkaError, Refused } from '../errors.ts';
import { sequenceAfter, type Head } from './batch.ts';

interface Kept {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface Producer {
  readonly epoch: number;
  /** The last five, the newest last: a client has no more under way. */
  kept: Kept[];
  /** The newest time that it has sent. */
  readonly lastSeen: number;
  /** When it wrote last, by the broker's clock: what it sends may be of long ago. */
  readonly at: number;
}

export interface Aborted {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** As it stands in a snapshot. */
export interface ProducersState {
  readonly producers: readonly (readonly [id: number, Producer])[];
  readonly open: readonly (readonly [id: number, firstOffset: number])[];
  readonly aborted: readonly Aborted[];
}

const mostKept = 5;

/** Who has written to a partition, so that nothing is written twice and nothing of a transaction is read before it is decided. */
export interface Producers {
  /** Where the batch stands already, if it does; throws where it does not follow the one before. */
  written(head: Head): number | undefined;
  /** The batch, or the marker, stands in the log now. */
  append(head: Head, commits: boolean): void;
  /** Offsets from here on are not decided. */
  firstOpen(): number | undefined;
  isOpen(producerId: number): boolean;
  /** That reach into what is read. */
  abortedWithin(from: number, to: number): readonly Aborted[];
  /** Records before it are gone. */
  forget(before: number, unseenSince: number): void;
  state(): ProducersState;
}

export function openProducers(state?: ProducersState): Producers {
  const producers = new Map<number, Producer>(state?.producers);
  const open = new Map<number, number>(state?.open);
  let aborted: Aborted[] = [...(state?.aborted ?? [])];

  return {
    written: ({ producerId, epoch, firstSequence, lastSequence }) => {
      if (producerId < 0) return undefined;
      const known = producers.get(producerId);
      if (known === undefined) return undefined;
      if (epoch < known.epoch)
        throw new Refused(kafkaError.invalidProducerEpoch, `epoch ${epoch} of producer ${producerId} is over`);
      if (epoch > known.epoch) {
        if (firstSequence === 0) return undefined;
        throw new Refused(kafkaError.outOfOrderSequence, `a new epoch begins with 0 and not ${firstSequence}`);
      }
      const same = known.kept.find((one) => one.firstSequence === firstSequence && one.lastSequence === lastSequence);
      if (same !== undefined) return same.baseOffset;
      const last = known.kept.at(-1);
      // Of an epoch that only a marker has begun, none has come.
      const next = last === undefined ? 0 : sequenceAfter(last.lastSequence, 1);
      if (firstSequence === next) return undefined;
      throw new Refused(
        kafkaError.outOfOrderSequence,
        `producer ${producerId}: ${firstSequence} does not follow ${last?.lastSequence ?? 'the beginning of its epoch'}`,
      );
    },
    append: (head, commits) => {
      const { producerId, epoch, firstSequence, lastSequence, baseOffset, lastOffset } = head;
      if (producerId < 0) return;
      const known = producers.get(producerId);
      const kept = known === undefined || epoch > known.epoch ? [] : known.kept;
      if (head.control) {
        const firstOffset = open.get(producerId);
        open.delete(producerId);
        if (firstOffset !== undefined && !commits) aborted.push({ producerId, firstOffset, lastOffset });
      } else {
        kept.push({ firstSequence, lastSequence, baseOffset });
        if (kept.length > mostKept) kept.shift();
        if (head.transactional && !open.has(producerId)) open.set(producerId, baseOffset);
      }
      producers.set(producerId, {
        epoch,
        kept,
        lastSeen: Math.max(head.maxTimestamp, known?.lastSeen ?? 0),
        at: Date.now(),
      });
    },
    firstOpen: () => {
      let first: number | undefined;
      for (const offset of open.values()) if (first === undefined || offset < first) first = offset;
      return first;
    },
    isOpen: (producerId) => open.has(producerId),
    // In the order of their ends, as Kafka has them.
    abortedWithin: (from, to) =>
      // Most who read are near the end.
      aborted
        .slice(aborted.findLastIndex(({ lastOffset }) => lastOffset < from) + 1)
        .filter(({ firstOffset }) => firstOffset < to),
    forget: (before, unseenSince) => {
      aborted = aborted.filter(({ lastOffset }) => lastOffset >= before);
      for (const [id, { at }] of producers) if (at < unseenSince && !open.has(id)) producers.delete(id);
    },
    // It is written down later, when more has come.
    state: () => ({
      producers: [...producers].map(([id, one]) => [id, { ...one, kept: [...one.kept] }]),
      open: [...open],
      aborted: [...aborted],
    }),
  };
}
