import { keyOf, offsetRecord, tombstone, type Committed, type Kind } from './records.ts';
import type { Entry, Write } from './write.ts';

/** What is kept of each offset, whatever its names and its note: about so many bytes. */
const ownBytes = 512;

export interface ByTopic<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}

export interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export interface Held extends Place, Committed {
  /** When it was asked for, among all others. */
  readonly order: number;
}

/** How far groups have come, and how far they will have come once transactions are committed. */
export interface Offsets {
  /** About how many bytes all of them take. */
  readonly bytes: number;
  find(place: Place): Held | undefined;
  of(group: string): readonly Held[];
  /** A transaction is open that will move it, or not. */
  isStaged(place: Place): boolean;
  hasStaged(group: string): boolean;
  commit(all: readonly (Place & Committed)[]): Promise<void>;
  stage(producerId: number, all: readonly (Place & Committed)[]): Promise<void>;
  endStaged(producerId: number, commit: boolean): Promise<void>;
  stagedGroups(producerId: number): readonly string[];
  /** Who has a transaction open that will move some. */
  readonly stagedBy: Iterable<number>;
  /** Those for which it holds, the staged ones too: what is to be written, and then done. */
  removal(holds: (one: Held) => boolean): { readonly entries: readonly Entry[]; readonly apply: () => void };
  replay(one: Kind & { readonly kind: 'offset' | 'staged' }, committed: Committed | undefined): void;
}

/** `arrives` hears of each group that gets an offset. */
export function openOffsets(write: Write, arrives: (group: string) => void): Offsets {
  const committed = new Map<string, Map<string, Held>>();
  const staged = new Map<number, Map<string, Held>>();
  /** Their end is being written. */
  const ending = new Set<Map<string, Held>>();
  let [order, committedBytes] = [0, 0];

  const offsetKey = ({ group, topic, partition }: Place): Kind => ({ kind: 'offset', group, topic, partition });
  const keyIn = (place: Place): string => keyOf(offsetKey(place));
  const stagedKey = (producerId: number, { group, topic, partition }: Place): Kind => {
    return { kind: 'staged', producerId, group, topic, partition };
  };
  const recordOf = (one: Held): Entry => {
    const { offset, leaderEpoch, note, time, expires } = one;
    return offsetRecord(offsetKey(one), { offset, leaderEpoch, note, time, expires });
  };
  const bytesOf = (one: Held | undefined): number => (one === undefined ? 0 : ownBytes + one.note.length);
  const put = (one: Held): void => {
    const [own, key] = [committed.get(one.group) ?? new Map<string, Held>(), keyIn(one)];
    committedBytes += bytesOf(one) - bytesOf(own.get(key));
    committed.set(one.group, own.set(key, one));
    arrives(one.group);
  };
  const take = (place: Place): void => {
    const own = committed.get(place.group);
    committedBytes -= bytesOf(own?.get(keyIn(place)));
    own?.delete(keyIn(place));
    if (own?.size === 0) committed.delete(place.group);
  };
  const find = (place: Place): Held | undefined => committed.get(place.group)?.get(keyIn(place));
  const open = (): readonly Map<string, Held>[] => [...staged.values(), ...ending];
  const stagedBy = (producerId: number): Map<string, Held> => {
    const own = staged.get(producerId) ?? new Map<string, Held>();
    staged.set(producerId, own);
    return own;
  };

  return {
    get bytes() {
      const pending = open().flatMap((own) => [...own.values()]);
      return pending.reduce((sum, one) => sum + bytesOf(one), committedBytes);
    },
    find,
    of: (group) => [...(committed.get(group)?.values() ?? [])],
    isStaged: (place) => open().some((one) => one.has(keyIn(place))),
    hasStaged: (group) => open().some((one) => [...one.values()].some((held) => held.group === group)),
    commit: (all) => {
      order += 1;
      const held = all.map((one) => ({ ...one, order }));
      return write(held.map(recordOf), () => held.forEach(put));
    },
    // It counts from now on, and not from when it is written: the end of its transaction may come before that.
    stage: async (producerId, all) => {
      order += 1;
      const own = stagedBy(producerId);
      const held = all.map((one) => ({ ...one, order }));
      const before = held.map((one) => own.get(keyIn(one)));
      for (const one of held) own.set(keyIn(one), one);
      const entries = held.map((one) => ({ ...recordOf(one), key: keyOf(stagedKey(producerId, one)) }));
      try {
        await write(entries, () => undefined);
      } catch (thrown) {
        held.forEach((one, i) => {
          const old = before[i];
          if (own.get(keyIn(one)) !== one) return;
          if (old === undefined) own.delete(keyIn(one));
          else own.set(keyIn(one), old);
        });
        throw thrown;
      }
    },
    endStaged: async (producerId, commit) => {
      const own = staged.get(producerId);
      if (own === undefined) return;
      staged.delete(producerId);
      ending.add(own);
      const all = [...own.values()];
      // What was committed without a transaction since then is later.
      const done = commit ? all.filter((one) => (find(one)?.order ?? 0) <= one.order) : [];
      const over = all.map((one) => tombstone(stagedKey(producerId, one)));
      try {
        await write([...done.map(recordOf), ...over], () => {
          done.forEach(put);
          ending.delete(own);
        });
      } catch (thrown) {
        ending.delete(own);
        // Until somebody succeeds in ending it, it is open.
        staged.set(producerId, new Map([...own, ...(staged.get(producerId) ?? [])]));
        throw thrown;
      }
    },
    get stagedBy() {
      return staged.keys();
    },
    stagedGroups: (producerId) => [...new Set([...(staged.get(producerId)?.values() ?? [])].map(({ group }) => group))],
    removal: (holds) => {
      const gone = [...committed.values()].flatMap((own) => [...own.values()]).filter(holds);
      const pending = [...staged].flatMap(([producerId, own]) =>
        [...own.values()].filter(holds).map((one) => ({ producerId, own, one })),
      );
      return {
        entries: [
          ...gone.map((one) => tombstone(offsetKey(one))),
          ...pending.map(({ producerId, one }) => tombstone(stagedKey(producerId, one))),
        ],
        apply: () => {
          for (const one of gone) take(one);
          for (const { own, one } of pending) if (own.get(keyIn(one)) === one) own.delete(keyIn(one));
        },
      };
    },
    replay: (one, value) => {
      order += 1;
      const { group, topic, partition } = one;
      const place = { group, topic, partition };
      if (value !== undefined) arrives(group);
      if (one.kind === 'offset') {
        if (value === undefined) take(place);
        else put({ ...place, ...value, order });
      } else if (value !== undefined) stagedBy(one.producerId).set(keyIn(place), { ...place, ...value, order });
      else {
        const own = staged.get(one.producerId);
        own?.delete(keyIn(place));
        if (own?.size === 0) staged.delete(one.producerId);
      }
    },
  };
}
