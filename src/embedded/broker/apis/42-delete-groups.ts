import { kafkaError } from '../errors.ts';
import type { Api } from './api.ts';
import { refusedAs } from './refused.ts';

interface Deleted {
  readonly group: string;
  readonly error: number;
}

// [group] -> throttle i32, [group, error i16]
export const deleteGroups: Api<readonly string[], readonly Deleted[]> = {
  key: 42,
  name: 'DeleteGroups',
  served: { min: 0, max: 2 },
  flexibleFrom: 2,
  read: (from) => from.array(() => from.string()),
  write: (to, groups) => {
    to.int32(0);
    to.array(groups, ({ group, error }) => to.text(group).int16(error).tags()).tags();
  },
  refuse: (groups, error) => groups.map((group) => ({ group, error })),
  handle: (groups, { broker }) =>
    Promise.all(
      [...new Set(groups)].map((group) =>
        broker.groups
          .delete(group)
          .then((): Deleted => ({ group, error: kafkaError.none }))
          .catch(refusedAs((error) => ({ group, error }))),
      ),
    ),
};
