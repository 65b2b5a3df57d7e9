import { describe, expect, test } from '@jest/globals';
import { at, commit, stage, fetched } from './groups-offsets-world.ts';
import {
  asking,
  asMember,
  joinWithId,
  nobody,
  openWorld,
  refusalOf,
  stable,
  stableWithTwo,
  syncing,
} from './groups-world.ts';

const day = 86_400_000;

describe('committed offsets', () => {
  test('are found again, with what stands beside them', async () => {
    const world = openWorld();
    expect(fetched(world)).toEqual({ partition: 0, error: 0, offset: -1n, leaderEpoch: -1, note: '' });
    await world.groups.commit({ group: 'g', who: nobody, offsets: at(9_007_199_254_740_993n, { note: 'seen' }) });
    const found = { partition: 0, error: 0, offset: 9_007_199_254_740_993n, leaderEpoch: 3, note: 'seen' };
    expect(fetched(world)).toEqual(found);
    expect(world.groups.fetch('g', null, false)).toEqual([{ topic: 'a', partitions: [found] }]);
    expect(world.groups.list()).toEqual([{ group: 'g', protocolType: '', state: 'Empty' }]);
  });

  test('are refused one by one: a partition that is not there, a note that is too long', async () => {
    const world = openWorld();
    const one = { partition: 0, offset: 1n, leaderEpoch: -1, note: null };
    const answer = await world.groups.commit({
      group: 'g',
      who: nobody,
      offsets: [
        { topic: 'a', partitions: [{ ...one, note: 'n'.repeat(4_096) }] },
        {
          topic: 'b',
          partitions: [
            { ...one, note: 'n'.repeat(4_097) },
            { ...one, partition: 1 },
          ],
        },
        { topic: 'none', partitions: [one] },
      ],
    });
    expect(answer).toEqual([
      { topic: 'a', partitions: [{ partition: 0, error: 0 }] },
      {
        topic: 'b',
        partitions: [
          { partition: 0, error: 12 },
          { partition: 1, error: 3 },
        ],
      },
      { topic: 'none', partitions: [{ partition: 0, error: 3 }] },
    ]);
    expect(world.groups.fetch('g', null, false).map(({ topic }) => topic)).toEqual(['a']);
  });

  test('come from a member of this generation, or from nobody where there is no member', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const codeFor = (who: typeof nobody) => refusalOf(() => commit(world, 1n, who));
    expect(await codeFor(asMember(leader))).toBe(0);
    expect(await codeFor(nobody)).toBe(25);
    expect(await codeFor({ ...asMember(leader), generation: 1 })).toBe(22);
    expect(await codeFor({ ...asMember(leader), member: 'x' })).toBe(25);
    expect(await refusalOf(() => commit(world, 1n, asMember(leader), 'other'))).toBe(69);

    // While members come back they may still say how far they got, and once they are back they may not.
    const again = world.groups.join(asking({ member: leader.member }));
    expect(await codeFor(asMember(follower))).toBe(0);
    await world.groups.join(asking({ member: follower.member }));
    expect(await codeFor(asMember(await again))).toBe(27);
  });

  test('keep whoever commits in the group', async () => {
    const world = openWorld();
    const joined = await stable(world);
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(9_000);
      await commit(world, 1n, asMember(joined));
    }
    expect(await refusalOf(() => world.groups.heartbeat('g', asMember(joined)))).toBe(0);
  });

  test('go with their group, which goes only when it is empty', async () => {
    const world = openWorld();
    const joined = await stable(world);
    await commit(world, 1n, asMember(joined));
    expect(await refusalOf(() => world.groups.delete('g'))).toBe(68);
    await world.groups.leave('g', [{ member: joined.member, instance: null }]);
    await world.groups.delete('g');
    expect(fetched(world)?.offset).toBe(-1n);
    expect(world.groups.describe('g')).toBeUndefined();
    expect(await refusalOf(() => world.groups.delete('g'))).toBe(69);
  });

  test('are deleted one by one where nobody reads the topic', async () => {
    const world = openWorld();
    const reads = (topic: string) =>
      Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, topic.length]), Buffer.from(topic)]);
    const joined = await stable(world, { protocols: [{ name: 'range', metadata: reads('b') }] });
    await commit(world, 1n, asMember(joined));
    const wanted = [
      { topic: 'a', partitions: [0, 1] },
      { topic: 'b', partitions: [0] },
    ];
    const codes = (await world.groups.deleteOffsets('g', wanted)).map(({ partitions }) =>
      partitions.map((one) => one.error),
    );
    expect(codes).toEqual([[0, 0], [86]]);
    expect(fetched(world)?.offset).toBe(-1n);
    expect(await refusalOf(() => world.groups.deleteOffsets('other', wanted))).toBe(69);
    expect(await refusalOf(() => world.groups.deleteOffsets('', wanted))).toBe(24);
  });

  test('are not deleted in a group of which nobody knows what it reads', async () => {
    const world = openWorld();
    const joined = await stable(world, { protocolType: 'connect' });
    await commit(world, 1n, asMember(joined));
    expect(await refusalOf(() => world.groups.deleteOffsets('g', [{ topic: 'a', partitions: [0] }]))).toBe(68);
  });

  test('of a topic that is deleted go with it', async () => {
    const world = openWorld();
    await commit(world, 1n);
    await world.groups.commit({ group: 'g', who: nobody, offsets: at(2n, { topic: 'b' }) });
    await stage(world, 3n);
    await world.groups.forgetTopic('a');
    await world.groups.endStaged(1, true);
    expect(fetched(world)?.offset).toBe(-1n);
    expect(fetched(world, { topic: 'b' })?.offset).toBe(2n);
  });

  test('of an empty group are kept for 7 days, and then the group goes', async () => {
    const world = openWorld();
    const joined = await stable(world);
    await commit(world, 1n, asMember(joined));
    await world.groups.leave('g', [{ member: joined.member, instance: null }]);
    await commit(world, 2n, nobody, 'simple');
    await world.clock.advance(7 * day - 1_000);
    expect(fetched(world)?.offset).toBe(1n);
    await world.clock.advance(600_000);
    expect(world.groups.list()).toEqual([]);
    expect(fetched(world)?.offset).toBe(-1n);
    expect(fetched(world, { group: 'simple' })?.offset).toBe(-1n);
    world.restart();
    expect(world.groups.list()).toEqual([]);
  });

  test('of a group with members are kept, and those that an open transaction moves', async () => {
    const world = openWorld();
    const joined = await stable(world, { sessionMs: 1_800_000 });
    await commit(world, 1n, asMember(joined));
    await commit(world, 2n, nobody, 'simple');
    await stage(world, 3n, { group: 'simple' });
    for (let i = 0; i < 8 * 48; i++) {
      await world.clock.advance(day / 48 - 1);
      world.groups.heartbeat('g', asMember(joined));
    }
    expect(fetched(world)?.offset).toBe(1n);
    expect(fetched(world, { group: 'simple' })?.offset).toBe(2n);
  });

  test('last as long as an old client wants', async () => {
    const world = openWorld();
    await world.groups.commit({ group: 'g', who: nobody, offsets: at(1n), retentionMs: 60_000 });
    await commit(world, 2n, nobody, 'other');
    await world.clock.advance(600_001);
    expect(fetched(world)?.offset).toBe(-1n);
    expect(fetched(world, { group: 'other' })?.offset).toBe(2n);
  });
});

test('a group that is joined after its offsets were committed keeps them', async () => {
  const world = openWorld();
  await commit(world, 7n);
  const joined = joinWithId(world);
  await world.clock.advance(0);
  await world.groups.sync(syncing(await joined));
  expect(fetched(world)?.offset).toBe(7n);
});
