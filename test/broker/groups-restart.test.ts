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

const offsets = [{ topic: 'a', partitions: [{ partition: 0, offset: 5n, leaderEpoch: -1, note: 'n' }] }];
const places = [{ topic: 'a', partitions: [0] }];

describe('after a restart', () => {
  test('the members of a stable group go on as if nothing had been', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world, { instance: 'two' });
    const before = world.groups.describe('g');
    world.restart();
    const { groups, clock } = world;
    expect(groups.describe('g')).toEqual(before);
    expect(await refusalOf(() => groups.heartbeat('g', asMember(leader)))).toBe(0);
    expect(await groups.sync(syncing(follower, { instance: 'two' }))).toMatchObject({
      error: 0,
      assignment: Buffer.from(`for ${follower.member}`),
    });
    expect(await refusalOf(() => groups.heartbeat('g', asMember(follower, 'one')))).toBe(25);
    // One that says the same of itself as before disturbs nobody, and the leader may share out anew.
    expect(await groups.join(asking({ member: follower.member, instance: 'two' }))).toMatchObject({ generation: 2 });
    const again = groups.join(asking({ member: leader.member }));
    expect(await waits(world, again)).toBe(true);
    await groups.join(asking({ member: follower.member, instance: 'two' }));
    expect(await again).toMatchObject({ generation: 3, leader: leader.member });
    expect(clock.timers).toBeGreaterThan(0);
  });

  test('who does not come back is out when its session ends', async () => {
    const world = openWorld();
    await stable(world);
    world.restart();
    await world.clock.advance(9_999);
    expect(world.groups.describe('g')).toMatchObject({ state: 'Stable' });
    await world.clock.advance(1);
    expect(world.groups.describe('g')).toMatchObject({ state: 'Empty' });
    world.restart();
    expect(world.groups.describe('g')).toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [] });
  });

  test('a generation that was never shared out is not known: the one before goes on', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const again = world.groups.join(asking({ member: leader.member }));
    await world.groups.join(asking({ member: follower.member }));
    const next = await again;
    world.restart();
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(next)))).toBe(22);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(leader)))).toBe(0);
  });

  test('a static member that came back is known by its new id', async () => {
    const world = openWorld();
    const old = await stable(world, { instance: 'one' });
    const back = await world.groups.join(asking({ instance: 'one' }));
    world.restart();
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(old, 'one')))).toBe(82);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(back, 'one')))).toBe(0);
  });

  test('the leader is who it was, and not the first that comes to hand', async () => {
    const world = openWorld();
    const { follower } = await stableWithTwo(world, { instance: 'two' }, { instance: 'one' });
    const back = await world.groups.join(asking({ instance: 'one' }));
    world.restart();
    const told = await world.groups.join(asking({ member: follower.member, instance: 'two' }));
    expect(told).toMatchObject({ error: 0, generation: 2, leader: back.member, members: [] });
  });

  test('offsets are there, those of open transactions too, and what was deleted is not', async () => {
    const world = openWorld();
    const commit = (group: string) => world.groups.commit({ group, who: nobody, offsets });
    await commit('g');
    await commit('gone');
    await world.groups.delete('gone');
    await world.groups.stage(1, { group: 'open', who: nobody, offsets });
    await world.groups.stage(2, { group: 'done', who: nobody, offsets });
    await world.groups.endStaged(2, true);
    world.restart();
    const found = (group: string) => world.groups.fetch(group, places, true)[0]?.partitions[0];
    expect(found('g')).toMatchObject({ error: 0, offset: 5n, note: 'n' });
    expect(found('gone')).toMatchObject({ error: 0, offset: -1n });
    expect(found('open')).toMatchObject({ error: 88 });
    expect(found('done')).toMatchObject({ error: 0, offset: 5n });
    expect(
      world.groups
        .list()
        .map(({ group }) => group)
        .sort(),
    ).toEqual(['done', 'g', 'open']);
    await world.groups.endStaged(1, true);
    world.restart();
    expect(found('open')).toMatchObject({ error: 0, offset: 5n });
  });

  test('what was committed after a transaction staged it still wins', async () => {
    const world = openWorld();
    await world.groups.stage(1, { group: 'g', who: nobody, offsets });
    const later = [{ topic: 'a', partitions: [{ partition: 0, offset: 9n, leaderEpoch: -1, note: '' }] }];
    await world.groups.commit({ group: 'g', who: nobody, offsets: later });
    world.restart();
    await world.groups.endStaged(1, true);
    expect(world.groups.fetch('g', places, true)[0]?.partitions[0]).toMatchObject({ offset: 9n });
  });
});

describe('nothing is answered before it is written', () => {
  const held = () => {
    let free = (): void => undefined;
    const until = new Promise<void>((resolve) => (free = resolve));
    return { until, free: () => free() };
  };

  test('neither a commit, nor a staged one, nor the end of a transaction', async () => {
    const world = openWorld();
    const commit = () => world.groups.commit({ group: 'g', who: nobody, offsets });
    const stage = () => world.groups.stage(1, { group: 'g', who: nobody, offsets });
    for (const attempt of [commit, stage, () => world.groups.endStaged(1, true), () => world.groups.delete('g')]) {
      const { until, free } = held();
      world.diskWaitsFor(until);
      const answer = attempt();
      expect(await waits(world, answer)).toBe(true);
      free();
      await answer;
    }
    expect(world.log.filter(({ value }) => value === null)).not.toHaveLength(0);
  });

  test('nor a share, nor a static member that is back', async () => {
    const world = openWorld();
    const join = world.groups.join(asking({ instance: 'one' }));
    await world.clock.advance(0);
    const joined = await join;
    for (const attempt of [
      () => world.groups.sync(syncing(joined, { instance: 'one' })),
      () => world.groups.join(asking({ instance: 'one' })),
    ]) {
      const { until, free } = held();
      world.diskWaitsFor(until);
      const answer = attempt();
      expect(await waits(world, answer)).toBe(true);
      free();
      expect(await answer).toMatchObject({ error: 0 });
    }
  });

  test('what cannot be written is refused, and is not so', async () => {
    const world = openWorld();
    const joined = await stable(world, { instance: 'one' });
    world.diskWaitsFor(Promise.reject(new Error('no space')));
    const who = asMember(joined, 'one');
    expect(await refusalOf(() => world.groups.commit({ group: 'g', who, offsets }))).toBe(15);
    expect(await refusalOf(() => world.groups.stage(1, { group: 'g', who, offsets }))).toBe(15);
    expect(world.groups.fetch('g', places, true)[0]?.partitions[0]).toMatchObject({ error: 0, offset: -1n });
    expect(await world.groups.join(asking({ instance: 'one' }))).toMatchObject({ error: 15 });
    expect(await refusalOf(() => world.groups.heartbeat('g', who))).toBe(0);
    const again = world.groups.join(asking({ member: joined.member, instance: 'one' }));
    await world.clock.advance(0);
    expect(await world.groups.sync(syncing(await again, { instance: 'one' }))).toMatchObject({ error: 15 });
    expect(world.groups.describe('g')).toMatchObject({ state: 'PreparingRebalance' });
  });

  test('a group that cannot be deleted is as it was', async () => {
    const world = openWorld();
    await world.groups.commit({ group: 'g', who: nobody, offsets });
    world.diskWaitsFor(Promise.reject(new Error('no space')));
    expect(await refusalOf(() => world.groups.delete('g'))).toBe(15);
    world.diskWaitsFor(Promise.resolve());
    expect(world.groups.describe('g')).toMatchObject({ state: 'Empty' });
    expect(world.groups.fetch('g', places, true)[0]?.partitions[0]).toMatchObject({ offset: 5n });
    await world.groups.commit({ group: 'g', who: nobody, offsets });
  });
});
