import { describe, expect, test } from '@jest/globals';
import {
  asking,
  asMember,
  joinWithId,
  openWorld,
  refusalOf,
  stable,
  stableWithTwo,
  syncing,
  waits,
} from './groups-world.ts';

const protocol = (name: string, metadata = name) => ({ name, metadata: Buffer.from(metadata) });

describe('joining a group', () => {
  test('a new member is told its id first, and joins with it', async () => {
    const world = openWorld();
    const told = await world.groups.join(asking());
    expect(told).toMatchObject({ error: 79, generation: -1, members: [] });
    expect(told.member).toMatch(/^client-.{36}$/);
    const join = world.groups.join(asking({ member: told.member }));
    await world.clock.advance(0);
    expect(await join).toEqual({
      error: 0,
      generation: 1,
      protocolType: 'consumer',
      protocol: 'range',
      leader: told.member,
      skipAssignment: false,
      member: told.member,
      members: [{ id: told.member, instance: null, metadata: Buffer.from('of range') }],
    });
  });

  test('an old client joins without knowing its id', async () => {
    const world = openWorld();
    const join = world.groups.join(asking({ needsId: false }));
    await world.clock.advance(0);
    expect(await join).toMatchObject({ error: 0, generation: 1 });
  });

  test.each([
    ['a group without a name', { group: '' }, 24],
    ['a session shorter than 6 s', { sessionMs: 5_999 }, 26],
    ['a session longer than 30 min', { sessionMs: 1_800_001 }, 26],
    ['an id that nobody was told', { member: 'x' }, 25],
    ['no protocol at all', { protocols: [] }, 23],
    ['no type of protocol', { protocolType: '' }, 23],
  ])('%s is refused', async (_, wrong, error) => {
    const { groups } = openWorld();
    expect(await groups.join(asking(wrong))).toMatchObject({ error });
  });

  test('sessions of 6 s and of 30 min are allowed', async () => {
    const { groups } = openWorld();
    expect(await groups.join(asking({ sessionMs: 6_000 }))).toMatchObject({ error: 79 });
    expect(await groups.join(asking({ sessionMs: 1_800_000 }))).toMatchObject({ error: 79 });
  });

  test('the first rebalance waits for others, longer while they come, and no longer than a rebalance may take', async () => {
    const world = openWorld({ initialRebalanceMs: 3_000 });
    const first = joinWithId(world, { rebalanceMs: 7_000 });
    const others: Promise<unknown>[] = [];
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(2_000);
      others.push(joinWithId(world, { rebalanceMs: 7_000 }));
      expect(await waits(world, first)).toBe(true);
    }
    await world.clock.advance(999);
    expect(await waits(world, first)).toBe(true);
    await world.clock.advance(1);
    expect((await first).members).toHaveLength(4);
    await Promise.all(others);
  });

  test('who was told an id is waited for, as long as its session', async () => {
    const world = openWorld();
    const { member } = await stable(world);
    await world.groups.join(asking());
    const again = world.groups.join(asking({ member }));
    await world.clock.advance(9_999);
    expect(await waits(world, again)).toBe(true);
    await world.clock.advance(1);
    expect(await again).toMatchObject({ error: 0, generation: 2 });
  });

  test('the protocol is the one that most like best of those that all can do', async () => {
    const world = openWorld({ initialRebalanceMs: 100 });
    const joins = [
      [protocol('x'), protocol('a'), protocol('b')],
      [protocol('b'), protocol('a')],
      [protocol('y'), protocol('b'), protocol('a')],
    ].map((protocols) => world.groups.join(asking({ protocols, needsId: false })));
    await world.clock.advance(1_000);
    expect((await Promise.all(joins)).map((one) => one.protocol)).toEqual(['b', 'b', 'b']);
  });

  test('nothing in common, or another type, is refused', async () => {
    const world = openWorld();
    await stable(world);
    expect(await world.groups.join(asking({ protocols: [protocol('other')] }))).toMatchObject({ error: 23 });
    expect(await world.groups.join(asking({ protocolType: 'connect' }))).toMatchObject({ error: 23 });
  });
});

describe('a rebalance', () => {
  test('a new member has all others join again, and all get the share that the leader gave them', async () => {
    const world = openWorld();
    const first = await stable(world);
    const second = joinWithId(world);
    await world.clock.settled();
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(first)))).toBe(27);
    expect(await world.groups.sync(syncing(first))).toMatchObject({ error: 27 });
    expect(world.groups.describe('g')).toMatchObject({ state: 'PreparingRebalance' });

    const leader = await world.groups.join(asking({ member: first.member }));
    const follower = await second;
    expect([leader.generation, follower.generation]).toEqual([2, 2]);
    expect(leader.members.map(({ id }) => id)).toEqual([first.member, follower.member]);
    expect(follower).toMatchObject({ leader: first.member, members: [] });
    expect(world.groups.describe('g')).toMatchObject({ state: 'CompletingRebalance' });

    const share = world.groups.sync(syncing(follower));
    expect(await waits(world, share)).toBe(true);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(follower)))).toBe(0);
    expect(await world.groups.sync(syncing(leader))).toMatchObject({ assignment: Buffer.from(`for ${leader.member}`) });
    expect(await share).toMatchObject({ error: 0, assignment: Buffer.from(`for ${follower.member}`) });
    expect(world.groups.describe('g')).toMatchObject({ state: 'Stable', protocol: 'range' });
  });

  test('who does not come back within the longest time-out is out', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world, { rebalanceMs: 20_000, sessionMs: 30_000 });
    const again = world.groups.join(asking({ member: follower.member, protocols: [protocol('range', 'changed')] }));
    // It is alive, but busy.
    for (let i = 0; i < 6; i++) {
      await world.clock.advance(9_999);
      expect(await refusalOf(() => world.groups.heartbeat('g', asMember(leader)))).toBe(27);
    }
    expect(await waits(world, again)).toBe(true);
    await world.clock.advance(6);
    expect(await again).toMatchObject({ generation: 3, leader: follower.member, members: [{ id: follower.member }] });
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(leader)))).toBe(25);
  });

  test('whose session ends is out, and the others share out anew; who waits is alive', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world, { sessionMs: 20_000 });
    await world.clock.advance(9_999);
    world.groups.heartbeat('g', asMember(follower));
    await world.clock.advance(1);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(follower)))).toBe(27);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(leader)))).toBe(25);
    expect(await world.groups.join(asking({ member: follower.member }))).toMatchObject({ generation: 3 });

    const other = await world.groups.join(asking());
    const waiting = world.groups.join(asking({ member: follower.member, protocols: [protocol('range', 'new')] }));
    const joining = world.groups.join(asking({ member: other.member }));
    await world.clock.advance(0);
    const [a, b] = await Promise.all([waiting, joining]);
    const share = world.groups.sync(syncing(b));
    world.groups.heartbeat('g', asMember(a));
    await world.clock.advance(9_000);
    world.groups.heartbeat('g', asMember(a));
    await world.clock.advance(9_000);
    expect(await waits(world, share)).toBe(true);
    await world.groups.sync(syncing(a));
    expect(await share).toMatchObject({ error: 0 });
  });

  test('a leader that joins again, or other metadata, makes a new generation; a follower that repeats itself does not', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    expect(await world.groups.join(asking({ member: follower.member }))).toMatchObject({ generation: 2, members: [] });
    expect(world.groups.describe('g')).toMatchObject({ state: 'Stable' });

    const byLeader = world.groups.join(asking({ member: leader.member }));
    expect(await waits(world, byLeader)).toBe(true);
    await world.groups.join(asking({ member: follower.member }));
    expect(await byLeader).toMatchObject({ generation: 3 });
    // In the same generation: it has missed the answer.
    expect((await world.groups.join(asking({ member: leader.member }))).members).toHaveLength(2);

    const changed = world.groups.join(asking({ member: follower.member, protocols: [protocol('range', 'other')] }));
    expect(await waits(world, changed)).toBe(true);
    expect(await world.groups.join(asking({ member: leader.member }))).toMatchObject({ generation: 4 });
  });

  test('it calls off the one under way: who waits for a share joins again', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const join = world.groups.join(asking({ member: leader.member }));
    await world.groups.join(asking({ member: follower.member }));
    const { generation } = await join;
    const share = world.groups.sync(syncing({ ...follower, generation }));
    const third = joinWithId(world);
    expect(await share).toMatchObject({ error: 27, assignment: Buffer.alloc(0) });
    expect(await waits(world, third)).toBe(true);
  });

  test('who never asks for its share is out after the rebalance time-out', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const join = world.groups.join(asking({ member: leader.member, rebalanceMs: 30_000 }));
    await world.groups.join(asking({ member: follower.member, rebalanceMs: 15_000 }));
    const { generation } = await join;
    await world.groups.sync(syncing(await join));
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(9_999);
      for (const one of [leader, follower]) world.groups.heartbeat('g', asMember({ ...one, generation }));
    }
    await world.clock.advance(3);
    expect(world.groups.describe('g')?.members.map(({ id }) => id)).toEqual([leader.member]);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember({ ...leader, generation })))).toBe(27);
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember({ ...follower, generation })))).toBe(25);
  });

  test('a first join that nobody waits for any more ends after 5 minutes', async () => {
    const world = openWorld();
    const { member } = await stable(world, { rebalanceMs: 1_800_000, sessionMs: 1_800_000 });
    const gone = joinWithId(world);
    await world.clock.advance(299_999);
    expect(await waits(world, gone)).toBe(true);
    await world.clock.advance(1);
    expect(await gone).toMatchObject({ error: 25, member: '' });
    expect(await world.groups.join(asking({ member }))).toMatchObject({ generation: 2, members: [{ id: member }] });
  });
});
