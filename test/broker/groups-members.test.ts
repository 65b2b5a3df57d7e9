import { describe, expect, test } from '@jest/globals';
import { asking, asMember, openWorld, refusalOf, stable, stableWithTwo, syncing, waits } from './groups-world.ts';

describe('a member', () => {
  test('of another generation, or of none, is refused', async () => {
    const world = openWorld();
    const joined = await stable(world);
    const { groups } = world;
    const late = { ...joined, generation: 7 };
    const foreign = { ...joined, member: 'x' };
    expect(await refusalOf(() => groups.heartbeat('g', asMember(late)))).toBe(22);
    expect(await refusalOf(() => groups.heartbeat('g', asMember(foreign)))).toBe(25);
    expect(await refusalOf(() => groups.heartbeat('other', asMember(joined)))).toBe(25);
    expect(await refusalOf(() => groups.heartbeat('', asMember(joined)))).toBe(24);
    expect(await groups.sync(syncing(late))).toMatchObject({ error: 22 });
    expect(await groups.sync(syncing(foreign))).toMatchObject({ error: 25 });
    expect(await groups.sync(syncing(joined, { protocol: 'roundrobin' }))).toMatchObject({ error: 23 });
    expect(await groups.sync(syncing(joined, { protocolType: 'connect' }))).toMatchObject({ error: 23 });
    expect(await groups.sync(syncing(joined, { group: 'other' }))).toMatchObject({ error: 25 });
  });

  test('leaves: the others share out anew, and a group without members is empty', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const leave = (member: string) => world.groups.leave('g', [{ member, instance: null }]);
    expect(await leave(leader.member)).toEqual([{ member: leader.member, instance: null, error: 0 }]);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(follower)))).toBe(27);
    expect(await world.groups.join(asking({ member: follower.member }))).toMatchObject({ generation: 3 });
    const left = await world.groups.leave('g', [
      { member: follower.member, instance: null },
      { member: leader.member, instance: null },
    ]);
    expect(left.map(({ error }) => error)).toEqual([0, 25]);
    expect(world.groups.describe('g')).toMatchObject({ state: 'Empty', members: [], protocolType: 'consumer' });
    expect((await world.groups.leave('nobody', [{ member: 'x', instance: null }]))[0]?.error).toBe(25);
  });

  test('that was told an id can leave before it has joined', async () => {
    const world = openWorld();
    const { member } = await stable(world);
    const told = await world.groups.join(asking());
    const again = world.groups.join(asking({ member }));
    expect(await waits(world, again)).toBe(true);
    await world.groups.leave('g', [{ member: told.member, instance: null }]);
    expect(await again).toMatchObject({ generation: 2 });
  });

  test('no timer is left behind', async () => {
    const world = openWorld();
    await stableWithTwo(world);
    await world.groups.join(asking());
    world.groups.close();
    expect(world.clock.timers).toBe(0);
  });
});
