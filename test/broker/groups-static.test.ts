import { describe, expect, test } from '@jest/globals';
import {
  asking,
  asMember,
  nobody,
  openWorld,
  refusalOf,
  stable,
  stableWithTwo,
  syncing,
  waits,
} from './groups-world.ts';

const [one, two] = [{ instance: 'one' }, { instance: 'two' }];

describe('a static member', () => {
  test('needs no id to join, and comes back without disturbing anybody', async () => {
    const world = openWorld();
    const { follower, leader } = await stableWithTwo(world, two, one);
    const back = await world.groups.join(asking(two));
    expect(back).toMatchObject({ error: 0, generation: 2, leader: leader.member, members: [], skipAssignment: false });
    expect(back.member).toMatch(/^two-/);
    expect(back.member).not.toBe(follower.member);
    expect(world.groups.describe('g')).toMatchObject({ state: 'Stable' });
    expect(await world.groups.sync(syncing(back, two))).toMatchObject({
      assignment: Buffer.from(`for ${follower.member}`),
    });
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(leader, 'one')))).toBe(0);
  });

  test('fences the one that it was before', async () => {
    const world = openWorld();
    const { follower } = await stableWithTwo(world, two, one);
    await world.groups.join(asking(two));
    const { groups } = world;
    const old = asMember(follower, 'two');
    const offsets = [{ topic: 'a', partitions: [{ partition: 0, offset: 1n, leaderEpoch: -1, note: '' }] }];
    expect(await refusalOf(() => groups.heartbeat('g', old))).toBe(82);
    expect(await groups.sync(syncing(follower, two))).toMatchObject({ error: 82 });
    expect(await groups.join(asking({ ...two, member: follower.member }))).toMatchObject({ error: 82 });
    expect(await refusalOf(() => groups.commit({ group: 'g', who: old, offsets }))).toBe(82);
    expect(await refusalOf(() => groups.stage(1, { group: 'g', who: old, offsets }))).toBe(82);
    expect((await groups.leave('g', [{ member: follower.member, ...two }]))[0]?.error).toBe(82);
    expect(await refusalOf(() => groups.heartbeat('g', { ...old, instance: 'three' }))).toBe(25);
  });

  test('that waits for a join or a share is told when another takes its place', async () => {
    const world = openWorld();
    await stable(world, one);
    const first = world.groups.join(asking(two));
    expect(await waits(world, first)).toBe(true);
    const second = world.groups.join(asking(two));
    expect(await first).toMatchObject({ error: 82 });
    expect(await waits(world, second)).toBe(true);
  });

  test('that leads knows, where it can be told, that nothing is to be shared out', async () => {
    const world = openWorld();
    const { leader } = await stableWithTwo(world, two, one);
    const back = await world.groups.join(asking(one));
    expect(back).toMatchObject({ leader: back.member, skipAssignment: true });
    expect(back.members).toHaveLength(2);
    // Others are told of the leader that there was, so that they take themselves for followers.
    const older = await world.groups.join(asking({ ...one, canSkipAssignment: false }));
    expect(older).toMatchObject({ leader: back.member, skipAssignment: false, members: [] });
    expect(older.member).not.toBe(leader.member);
    expect(world.groups.describe('g')).toMatchObject({ state: 'Stable' });
  });

  test('that comes back with another protocol has all share out anew', async () => {
    const world = openWorld();
    const both = ['range', 'other'].map((name) => ({ name, metadata: Buffer.from(name) }));
    await stable(world, { ...one, protocols: both });
    const changed = world.groups.join(asking({ ...one, protocols: both.slice(1) }));
    await world.clock.advance(0);
    expect(await changed).toMatchObject({ generation: 2, protocol: 'other' });
  });

  test('that comes back before the shares are known has all join again', async () => {
    const world = openWorld();
    await stable(world, one);
    const second = world.groups.join(asking(two));
    await world.clock.settled();
    const holder = world.groups.describe('g')?.members.find(({ instance }) => instance === 'one')?.id ?? '';
    const leader = await world.groups.join(asking({ ...one, member: holder }));
    await second;
    const share = world.groups.sync(syncing(leader, { ...one, member: leader.member, generation: 9 }));
    expect(await share).toMatchObject({ error: 22 });
    const back = world.groups.join(asking(two));
    expect(await waits(world, back)).toBe(true);
    expect(world.groups.describe('g')).toMatchObject({ state: 'PreparingRebalance' });
  });

  test('that is away keeps its place in a rebalance until its session ends', async () => {
    const world = openWorld();
    const long = { ...two, sessionMs: 120_000 };
    const { leader, follower } = await stableWithTwo(world, long, one);
    const again = world.groups.join(asking({ ...one, member: leader.member }));
    await world.clock.advance(60_000);
    const next = await again;
    expect(next.members.map(({ instance }) => instance).sort()).toEqual(['one', 'two']);
    expect(world.groups.describe('g')?.members.map(({ id }) => id)).toContain(follower.member);
  });

  test('is removed by its name', async () => {
    const world = openWorld();
    await stableWithTwo(world, two, one);
    const left = await world.groups.leave('g', [
      { member: '', ...two },
      { member: '', instance: 'three' },
      { member: '', instance: null },
    ]);
    expect(left.map(({ error }) => error)).toEqual([0, 25, 25]);
    expect(world.groups.describe('g')?.members.map(({ instance }) => instance)).toEqual(['one']);
    expect(await refusalOf(() => world.groups.heartbeat('g', nobody))).toBe(25);
  });
});
