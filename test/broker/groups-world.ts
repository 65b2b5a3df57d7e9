import { openGroups, type Groups } from '../../src/embedded/broker/groups/groups.ts';
import type { Joined, JoinRequest, Membership, Synced, SyncRequest } from '../../src/embedded/broker/groups/member.ts';

interface Entry {
  readonly key: string;
  readonly value: string | null;
}

/** Time that goes on when it is told to. */
export function openClock() {
  let now = 1_000_000;
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    later: (ms: number, run: () => void) => {
      const timer = { at: now + Math.max(0, ms), run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    get timers() {
      return waiting.size;
    },
    settled,
    advance: async (ms: number) => {
      const until = now + ms;
      await settled();
      for (;;) {
        const [next] = [...waiting].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        waiting.delete(next);
        now = next.at;
        next.run();
        await settled();
      }
      now = until;
    },
  };
}

/** A coordinator on a log in memory, with time in the test's hands. */
export function openWorld({ initialRebalanceMs = 0 } = {}) {
  const clock = openClock();
  const log: Entry[] = [];
  let disk: Promise<void> = Promise.resolve();
  const store = {
    append: async (entries: readonly Entry[]) => {
      await disk;
      log.push(...entries);
    },
    read: () => [...log],
  };
  const topics = new Map([
    ['a', 4],
    ['b', 1],
  ]);
  const open = (): Groups => {
    const partitionsOf = (topic: string): number | undefined => topics.get(topic);
    return openGroups({ store, settings: { initialRebalanceMs }, partitionsOf, now: clock.now, later: clock.later });
  };
  let groups = open();
  return {
    clock,
    log,
    get groups() {
      return groups;
    },
    restart: () => {
      groups.close();
      groups = open();
    },
    /** What is written from now on waits for this, and fails if it does. */
    diskWaitsFor: (until: Promise<void>) => {
      until.catch(() => undefined);
      disk = until;
    },
  };
}

export type World = ReturnType<typeof openWorld>;

export const range = [{ name: 'range', metadata: Buffer.from('of range') }];

export const asking = (more: Partial<JoinRequest> = {}): JoinRequest => ({
  group: 'g',
  member: '',
  instance: null,
  clientId: 'client',
  host: '127.0.0.1',
  sessionMs: 10_000,
  rebalanceMs: 60_000,
  protocolType: 'consumer',
  protocols: range,
  needsId: true,
  canSkipAssignment: true,
  ...more,
});

export const syncing = (of: Joined, more: Partial<SyncRequest> = {}): SyncRequest => ({
  group: 'g',
  member: of.member,
  generation: of.generation,
  instance: null,
  protocolType: null,
  protocol: null,
  assignments: new Map(of.members.map(({ id }) => [id, Buffer.from(`for ${id}`)])),
  ...more,
});

export const asMember = ({ member, generation }: Joined, instance: string | null = null): Membership => {
  return { member, generation, instance };
};

export const nobody: Membership = { member: '', generation: -1, instance: null };

/** Gets an id and joins with it. */
export async function joinWithId({ groups }: World, more: Partial<JoinRequest> = {}): Promise<Joined> {
  const { member } = await groups.join(asking(more));
  return groups.join(asking({ ...more, member }));
}

const isDynamic = ({ instance = null }: Partial<JoinRequest>): boolean => instance === null;

/** A stable group with one member: its leader. */
export async function stable(world: World, more: Partial<JoinRequest> = {}): Promise<Joined> {
  const join = isDynamic(more) ? joinWithId(world, more) : world.groups.join(asking(more));
  await world.clock.advance(0);
  const joined = await join;
  await world.groups.sync(syncing(joined, { instance: more.instance ?? null }));
  return joined;
}

/** A second member comes to a stable group of one, which comes back. */
export async function stableWithTwo(world: World, more: Partial<JoinRequest> = {}, first: Partial<JoinRequest> = {}) {
  const { member } = await stable(world, first);
  const second = isDynamic(more) ? joinWithId(world, more) : world.groups.join(asking(more));
  await world.clock.settled();
  const leader = await world.groups.join(asking({ ...first, member }));
  const follower = await second;
  const shares = [follower, leader].map((one, i): Promise<Synced> => {
    return world.groups.sync(syncing(one, { instance: (i === 0 ? more.instance : first.instance) ?? null }));
  });
  await Promise.all(shares);
  return { leader, follower };
}

/** The code with which it is refused; 0: it is not. */
export async function refusalOf(attempt: () => unknown): Promise<number> {
  try {
    await attempt();
    return 0;
  } catch (thrown) {
    return (thrown as { code: number }).code;
  }
}

/** That it has not been answered so far. */
export async function waits(world: World, promise: Promise<unknown>): Promise<boolean> {
  await world.clock.settled();
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}
