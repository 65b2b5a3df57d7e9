import { kafkaError } from '../errors.ts';
import type { Fetched } from '../groups/commits.ts';
import type { Reading, Writing } from '../codec.ts';
import { writeTopics, type Api, type Grouped } from './api.ts';

interface Wanted {
  readonly group: string;
  /** Null: all that there are. */
  readonly topics: readonly Grouped<number>[] | null;
}

interface Request {
  readonly groups: readonly Wanted[];
  readonly stable: boolean;
}

interface Response {
  readonly group: string;
  readonly topics: readonly Grouped<Fetched>[];
  readonly error: number;
}

const readWanted = (from: Reading): readonly Grouped<number>[] | null =>
  from.items(() => from.struct(() => ({ topic: from.string(), partitions: from.array(() => from.int32()) })));

const writeFetched = (to: Writing, topics: readonly Grouped<Fetched>[], version: number): Writing =>
  writeTopics(to, topics, ({ partition, offset, leaderEpoch, note, error }) => {
    to.int32(partition).int64(offset);
    if (version >= 5) to.int32(leaderEpoch);
    to.text(note).int16(error).tags();
  });

// ..7: group, [topic, [partition i32]]? -> throttle i32 (3+), [topic, [partition i32, offset i64, leader epoch i32 (5+), note, error i16]], error i16 (2+)
// 8+: [group, member? and epoch i32 (9+), [topic, [partition i32]]?] -> throttle i32, [group, [as above], error i16]
// 7+ ask at their end for stable offsets: bool
export const offsetFetch: Api<Request, readonly Response[]> = {
  key: 9,
  name: 'OffsetFetch',
  served: { min: 1, max: 9 },
  flexibleFrom: 6,
  read: (from, version) => {
    const readOne = (): Wanted => {
      const group = from.string();
      // Of a kind of group that there is not here.
      if (version >= 9) {
        from.text();
        from.int32();
      }
      return { group, topics: readWanted(from) };
    };
    const groups = version >= 8 ? from.array(() => from.struct(readOne)) : [readOne()];
    return { groups, stable: version >= 7 && from.bool() };
  },
  write: (to, groups, version) => {
    if (version >= 3) to.int32(0);
    if (version >= 8)
      to.array(groups, ({ group, topics, error }) => {
        to.text(group);
        writeFetched(to, topics, version).int16(error).tags();
      });
    else
      for (const { topics, error } of groups) {
        writeFetched(to, topics, version);
        if (version >= 2) to.int16(error);
      }
    to.tags();
  },
  refuse: ({ groups }, error) => groups.map(({ group }) => ({ group, topics: [], error })),
  handle: ({ groups, stable }, { broker }) =>
    groups.map(({ group, topics }) => ({
      group,
      topics: broker.groups.fetch(group, topics, stable),
      error: kafkaError.none,
    })),
};
