import { kafkaError } from '../errors.ts';
import type { Listed } from '../groups/groups.ts';
import type { Api } from './api.ts';

interface Request {
  /** In any case of letters; none: any state, or type. */
  readonly states: readonly string[];
  readonly types: readonly string[];
}

/** The others are shared out by brokers. */
const type = 'classic';

const has = (wanted: readonly string[], one: string): boolean =>
  wanted.length === 0 || wanted.some((each) => each.toLowerCase() === one.toLowerCase());

// [state] (4+), [type] (5+) -> throttle i32 (1+), error i16, [group, protocol type, state (4+), type (5+)]
export const listGroups: Api<Request, { readonly error: number; readonly groups: readonly Listed[] }> = {
  key: 16,
  name: 'ListGroups',
  served: { min: 0, max: 5 },
  flexibleFrom: 3,
  read: (from, version) => ({
    states: version >= 4 ? from.array(() => from.string()) : [],
    types: version >= 5 ? from.array(() => from.string()) : [],
  }),
  write: (to, { error, groups }, version) => {
    if (version >= 1) to.int32(0);
    to.int16(error).array(groups, ({ group, protocolType, state }) => {
      to.text(group).text(protocolType);
      if (version >= 4) to.text(state);
      if (version >= 5) to.text(type);
      to.tags();
    });
    to.tags();
  },
  refuse: (_, error) => ({ error, groups: [] }),
  handle: ({ states, types }, { broker }) => ({
    error: kafkaError.none,
    groups: has(types, type) ? broker.groups.list().filter(({ state }) => has(states, state)) : [],
  }),
};
