import { expect, test } from '@jest/globals';
import { limits } from '../../src/embedded/broker/limits.ts';
import { asking, nobody, openWorld, refusalOf, stable, syncing, type World } from './groups-world.ts';

const saying = (bytes: number) => [{ name: 'range', metadata: Buffer.alloc(bytes) }];
const commit = (world: World, group: string, note = '', partition = 0) =>
  world.groups.commit({
    ...{ group, who: nobody },
    offsets: [{ topic: 'a', partitions: [{ partition, offset: 1n, leaderEpoch: -1, note }] }],
  });

test('a group has so many members and no more, with those who have only been told their ids', async () => {
  const world = openWorld();
  const { member } = await stable(world);
  for (let i = 1; i < limits.mostMembers; i++) expect(await world.groups.join(asking())).toMatchObject({ error: 79 });
  expect(await world.groups.join(asking())).toMatchObject({ error: 81 });
  expect(await world.groups.join(asking({ needsId: false }))).toMatchObject({ error: 81 });
  // Those who are in it, and who has been told an id, may join.
  const again = world.groups.join(asking({ member }));
  await world.clock.advance(60_000);
  expect(await again).toMatchObject({ error: 0 });
  expect(await world.groups.join(asking())).toMatchObject({ error: 79 });
});

test('members of a group say so much of themselves and no more, and who says less is in it still', async () => {
  const world = openWorld();
  const large = saying(limits.groupBytes - 10_000);
  const { member } = await stable(world, { protocols: large });
  expect(await world.groups.join(asking({ protocols: saying(10_000) }))).toMatchObject({ error: 81 });
  expect(await world.groups.join(asking({ member, protocols: saying(limits.groupBytes) }))).toMatchObject({
    error: 81,
  });
  expect(await world.groups.join(asking({ member, protocols: saying(10) }))).toMatchObject({ error: 0 });
  expect(await world.groups.join(asking({ protocols: saying(10_000) }))).toMatchObject({ error: 79 });
});

test('members of all groups say so much of themselves and no more', async () => {
  const world = openWorld();
  const each = saying(limits.groupBytes - 10_000);
  const count = Math.floor(limits.allGroupsBytes / (limits.groupBytes - 8_000));
  const joins = Array.from({ length: count }, (_, i) =>
    world.groups.join(asking({ group: `g${i}`, needsId: false, protocols: each })),
  );
  expect(await world.groups.join(asking({ group: 'one more', protocols: each }))).toMatchObject({ error: 44 });
  expect(await world.groups.join(asking({ group: 'one more' }))).toMatchObject({ error: 79 });
  await world.clock.advance(0);
  for (const joined of await Promise.all(joins)) expect(joined).toMatchObject({ error: 0 });
});

test('a leader that shares out more than can be kept is told so, and its group begins anew', async () => {
  const world = openWorld();
  const join = world.groups.join(asking({ needsId: false }));
  await world.clock.advance(0);
  const joined = await join;
  const assignments = new Map([[joined.member, Buffer.alloc(limits.groupBytes + 1)]]);
  expect(await world.groups.sync(syncing(joined, { assignments }))).toMatchObject({ error: -1 });
  expect(world.groups.describe('g')?.state).toBe('PreparingRebalance');
  expect(world.log).toEqual([]);
});

test('there are so many groups and no more, and those that there are go on', async () => {
  const world = openWorld();
  for (let i = 0; i < limits.mostGroups; i++) await commit(world, `g${i}`);
  expect(await refusalOf(() => commit(world, 'one more'))).toBe(44);
  expect(await world.groups.join(asking({ group: 'one more' }))).toMatchObject({ error: 44 });
  expect(await refusalOf(() => commit(world, 'g7'))).toBe(0);
  await world.groups.delete('g7');
  expect(await refusalOf(() => commit(world, 'one more'))).toBe(0);
  world.restart();
  expect(world.groups.list()).toHaveLength(limits.mostGroups);
});

test('ids are so long and no longer', async () => {
  const world = openWorld();
  const long = 'g'.repeat(limits.longestId + 1);
  expect(await world.groups.join(asking({ group: long }))).toMatchObject({ error: 24 });
  expect(await world.groups.join(asking({ instance: long }))).toMatchObject({ error: 24 });
  expect(await refusalOf(() => commit(world, long))).toBe(24);
});

test('offsets take so much and no more: those that there are can be moved, and others come once some are gone', async () => {
  const world = openWorld();
  const note = 'n'.repeat(limits.longestNote);
  const told = async (group: number, partition: number): Promise<number | undefined> =>
    (await commit(world, `g${group}`, note, partition))[0]?.partitions[0]?.error;
  let count = 0;
  while ((await told(count >> 2, count % 4)) === 0) count += 1;
  expect(count * limits.longestNote).toBeLessThan(limits.offsetsBytes);
  expect(count * (limits.longestNote + 1_024)).toBeGreaterThan(limits.offsetsBytes);
  expect(await told(count >> 2, count % 4)).toBe(28);
  expect(await told(0, 0)).toBe(0);
  await world.groups.delete('g1');
  expect(await told(count >> 2, count % 4)).toBe(0);
});
