import { kafkaError, Refused } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Store } from '../log/store.ts';
import { checkId } from './bounds.ts';
import { isExpired } from './expiry.ts';
import { Group, type Surroundings } from './group.ts';
import { openOffsets, type Held, type Offsets } from './offsets.ts';
import { groupRecord, readGroup, readKey, readOffset, tombstone } from './records.ts';
import { openTimers, type After } from './timers.ts';
import { openWrite } from './write.ts';

const betweenExpiriesMs = 10 * 60_000;

/** All groups that there are, and their offsets: as the log has them at first. */
export interface Directory {
  readonly all: Iterable<Group>;
  readonly offsets: Offsets;
  find(id: string): Group | undefined;
  /** The one there is, or else a new one; throws where there are too many. */
  open(id: string): Group;
  /** With its offsets. */
  remove(group: Group): Promise<void>;
  forgetTopic(topic: string): Promise<void>;
  removeOffsets(held: readonly Held[]): Promise<void>;
  close(): void;
}

export interface DirectoryOptions {
  readonly store: Store;
  readonly later: After;
  readonly now: () => number;
  readonly initialRebalanceMs: number;
}

export function openDirectory({ store, later, now, initialRebalanceMs }: DirectoryOptions): Directory {
  const known = new Map<string, Group>();
  const write = openWrite(store);
  const timers = openTimers(later);
  const around: Surroundings = {
    after: later,
    now,
    initialRebalanceMs,
    save: (group, assignments) => write([groupRecord(group, assignments)], () => undefined),
  };
  const make = (id: string): Group => {
    const group = known.get(id) ?? new Group(id, around);
    known.set(id, group);
    return group;
  };
  const offsets = openOffsets(write, make);

  for (const { key, value } of store.read()) {
    const one = readKey(key);
    if (one.kind !== 'group') offsets.replay(one, value === null ? undefined : readOffset(value));
    else {
      known.delete(one.group);
      if (value !== null) readGroup(make(one.group), value);
    }
  }
  // Members have their session's time to find the broker again.
  for (const group of known.values()) for (const { id, sessionMs } of group.roster.all) group.alive(id, sessionMs);

  const remove = async (group: Group): Promise<void> => {
    const { id, generation, protocol, since, roster } = group;
    group.to('Dead');
    const { entries, apply } = offsets.removal((place) => place.group === id);
    try {
      await write([...entries, tombstone({ kind: 'group', group: id })], () => {
        apply();
        known.delete(id);
      });
    } catch (thrown) {
      const again = new Group(id, around);
      again.roster.protocolType = roster.protocolType;
      again.restore(generation, protocol, since);
      known.set(id, again);
      throw thrown;
    }
  };
  const removeOffsets = async (holds: (place: Held) => boolean): Promise<void> => {
    const { entries, apply } = offsets.removal(holds);
    if (entries.length > 0) await write(entries, apply);
  };

  const expire = async (): Promise<void> => {
    for (const group of [...known.values()]) {
      const held = offsets.of(group.id);
      const old = new Set(held.filter((one) => isExpired(group, one, now()) && !offsets.isStaged(one)));
      const lasts = old.size < held.length || group.roster.pending.size > 0 || offsets.hasStaged(group.id);
      if (!lasts && group.state === 'Empty') await remove(group);
      else await removeOffsets((one) => old.has(one));
    }
  };
  const expireLater = (): void => {
    // What cannot be written now is found again the next time.
    timers.set(
      'expiry',
      betweenExpiriesMs,
      () =>
        void expire()
          .catch(() => undefined)
          .finally(expireLater),
    );
  };
  expireLater();

  return {
    get all() {
      return known.values();
    },
    offsets,
    find: (id) => known.get(id),
    open: (id) => {
      checkId(id);
      if (!known.has(id) && known.size >= limits.mostGroups)
        throw new Refused(kafkaError.policyViolation, `there are ${known.size} groups, and no room for ${id}`);
      return make(id);
    },
    remove,
    forgetTopic: (topic) => removeOffsets((one) => one.topic === topic),
    removeOffsets: (held) => removeOffsets((one) => held.includes(one)),
    close: () => {
      timers.close();
      for (const group of known.values()) group.close();
    },
  };
}
