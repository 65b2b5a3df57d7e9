import { codeOf } from '../errors.ts';
import type { Membership } from '../groups/member.ts';
import type { Api } from './api.ts';

interface Request {
  readonly group: string;
  readonly who: Membership;
}

// group, generation i32, member, instance? (3+) -> throttle i32 (1+), error i16
export const heartbeat: Api<Request, number> = {
  key: 12,
  name: 'Heartbeat',
  served: { min: 0, max: 4 },
  flexibleFrom: 4,
  read: (from, version) => {
    const [group, generation, member] = [from.string(), from.int32(), from.string()];
    return { group, who: { generation, member, instance: version >= 3 ? from.text() : null } };
  },
  write: (to, error, version) => {
    if (version >= 1) to.int32(0);
    to.int16(error).tags();
  },
  refuse: (_, error) => error,
  handle: ({ group, who }, { broker }) => codeOf(() => broker.groups.heartbeat(group, who)),
};
