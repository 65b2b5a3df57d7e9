import { describe, expect, test } from '@jest/globals';
import { commit, stage, fetched } from './groups-offsets-world.ts';
import { asking, asMember, nobody, openWorld, refusalOf, stableWithTwo } from './groups-world.ts';

describe('offsets in a transaction', () => {
  test('count when it is committed; until then whoever asks for what is certain is told to wait', async () => {
    const world = openWorld();
    await commit(world, 1n);
    await stage(world, 2n);
    expect(world.groups.stagedGroups(1)).toEqual(['g']);
    expect(fetched(world)).toMatchObject({ error: 0, offset: 1n });
    expect(fetched(world, { stable: true })).toMatchObject({ error: 88, offset: -1n });
    await world.groups.endStaged(1, true);
    expect(fetched(world, { stable: true })).toMatchObject({ error: 0, offset: 2n });
    expect(world.groups.stagedGroups(1)).toEqual([]);
  });

  test('are dropped when it is aborted, and others are not', async () => {
    const world = openWorld();
    await commit(world, 1n);
    await stage(world, 2n);
    await stage(world, 3n, { producerId: 2, group: 'h' });
    await world.groups.endStaged(1, false);
    expect(fetched(world, { stable: true })).toMatchObject({ error: 0, offset: 1n });
    expect(fetched(world, { stable: true, group: 'h' })).toMatchObject({ error: 88 });
    await world.groups.endStaged(1, true);
    expect(fetched(world)).toMatchObject({ offset: 1n });
  });

  test('give way to what was committed without a transaction after them', async () => {
    const world = openWorld();
    await stage(world, 2n);
    await commit(world, 5n);
    await world.groups.endStaged(1, true);
    expect(fetched(world)).toMatchObject({ offset: 5n });
  });

  test('come from a member of this generation, from whoever does not say, and in any state of the group', async () => {
    const world = openWorld();
    const { leader, follower } = await stableWithTwo(world);
    const codeFor = (who: typeof nobody, group = 'g') => refusalOf(() => stage(world, 1n, { who, group }));
    expect(await codeFor(nobody)).toBe(0);
    expect(await codeFor(asMember(leader))).toBe(0);
    expect(await codeFor({ ...asMember(leader), generation: 1 })).toBe(22);
    expect(await codeFor({ ...asMember(leader), member: 'x' })).toBe(25);
    expect(await codeFor({ member: '', generation: 1, instance: null })).toBe(25);
    const again = world.groups.join(asking({ member: leader.member }));
    await world.groups.join(asking({ member: follower.member }));
    expect(await codeFor(asMember(await again))).toBe(0);
  });

  test('do not outlive an end that comes while they are being written', async () => {
    const world = openWorld();
    let free = (): void => undefined;
    world.diskWaitsFor(new Promise((resolve) => (free = resolve)));
    const staging = stage(world, 2n);
    const ending = world.groups.endStaged(1, false);
    expect(fetched(world, { stable: true })).toMatchObject({ error: 88 });
    free();
    await Promise.all([staging, ending]);
    expect(fetched(world, { stable: true })).toMatchObject({ error: 0 });
    world.restart();
    expect(fetched(world, { stable: true })).toMatchObject({ error: 0 });
  });

  test('stay where their end cannot be written, so that it can be tried again', async () => {
    const world = openWorld();
    await stage(world, 2n);
    world.diskWaitsFor(Promise.reject(new Error('no space')));
    expect(await refusalOf(() => world.groups.endStaged(1, true))).toBe(15);
    expect(fetched(world, { stable: true })).toMatchObject({ error: 88 });
    world.diskWaitsFor(Promise.resolve());
    await world.groups.endStaged(1, true);
    expect(fetched(world, { stable: true })).toMatchObject({ offset: 2n });
  });
});
