import { expect, test } from '@jest/globals';
import { assignSticky, type Claim } from '../../src/kafka/group/sticky.ts';
import { seeded, seedOfRun } from '../support/random.ts';

const topic = 't';
const partitions = (count: number) => Array.from({ length: count }, (_, partition) => ({ topic, partition }));
const numbers = (list: readonly { partition: number }[] = []) => list.map(({ partition }) => partition);

test('a second member takes half, and what stays stays', () => {
  const first = assignSticky([{ member: 'a', owned: [], generation: -1 }], partitions(4));
  expect(numbers(first.get('a'))).toEqual([0, 1, 2, 3]);
  const claims = [
    { member: 'a', owned: first.get('a') ?? [], generation: 1 },
    { member: 'b', owned: [], generation: -1 },
  ];
  const second = assignSticky(claims, partitions(4));
  expect([numbers(second.get('a')), numbers(second.get('b'))]).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test('a zombie that claims what another has had since is not believed', () => {
  const claims: Claim[] = [
    { member: 'zombie', owned: partitions(2), generation: 3 },
    { member: 'owner', owned: partitions(2), generation: 5 },
  ];
  expect(numbers(assignSticky(claims, partitions(2)).get('owner'))).toEqual([0]);
});

test('whatever comes and goes: every partition once, evenly, and the fewest moves that evenness allows', () => {
  const random = seeded(seedOfRun());
  const below = (n: number) => Math.floor(random() * n);
  for (let run = 0; run < 300; run++) {
    const all = partitions(1 + below(40));
    let members = ['m0'];
    let before = assignSticky([{ member: 'm0', owned: [], generation: -1 }], all);
    for (let generation = 1; generation < 12; generation++) {
      if (members.length > 1 && random() < 0.4) members.splice(below(members.length), 1);
      else members = [...members, `m${generation}-${run}`];
      const claims = members.map((member) => ({ member, owned: before.get(member) ?? [], generation }));
      const after = assignSticky(claims, all);
      expect(numbers([...after.values()].flat()).sort((a, b) => a - b)).toEqual(numbers(all));
      const sizes = members.map((member) => after.get(member)?.length ?? -1);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      // Nobody gives a partition away who ends up below what evenness lets him keep.
      for (const { member, owned } of claims) {
        const kept = (after.get(member) ?? []).filter((one) => owned.includes(one)).length;
        expect(kept).toBeGreaterThanOrEqual(Math.min(owned.length, Math.floor(all.length / members.length)));
      }
      before = after;
    }
  }
});
