import { nobody, type World } from './groups-world.ts';

export const at = (offset: bigint, { topic = 'a', partition = 0, note = null as string | null } = {}) => [
  { topic, partitions: [{ partition, offset, leaderEpoch: 3, note }] },
];
export const commit = ({ groups }: World, offset: bigint, who = nobody, group = 'g') =>
  groups.commit({ group, who, offsets: at(offset) });
export const stage = ({ groups }: World, offset: bigint, { producerId = 1, who = nobody, group = 'g' } = {}) =>
  groups.stage(producerId, { group, who, offsets: at(offset) });
export const fetched = ({ groups }: World, { stable: asksStable = false, group = 'g', topic = 'a' } = {}) =>
  groups.fetch(group, [{ topic, partitions: [0] }], asksStable)[0]?.partitions[0];
