import { kafkaError } from '../errors.ts';
import type { Leaver, Left } from '../groups/leave.ts';
import type { Api } from './api.ts';
import { refusedAs } from './refused.ts';

interface Request {
  readonly group: string;
  readonly leavers: readonly Leaver[];
}

interface Response {
  readonly error: number;
  readonly members: readonly Left[];
}

const refuse = (error: number): Response => ({ error, members: [] });

// group, member (..2), [member, instance?, reason? (5+)] (3+) -> throttle i32 (1+), error i16, [member, instance?, error i16] (3+)
export const leaveGroup: Api<Request, Response> = {
  key: 13,
  name: 'LeaveGroup',
  served: { min: 0, max: 5 },
  flexibleFrom: 4,
  read: (from, version) => {
    const group = from.string();
    if (version <= 2) return { group, leavers: [{ member: from.string(), instance: null }] };
    const leavers = from.array(() =>
      from.struct((): Leaver => {
        const leaver = { member: from.string(), instance: from.text() };
        if (version >= 5) from.text();
        return leaver;
      }),
    );
    return { group, leavers };
  },
  write: (to, { error, members }, version) => {
    if (version >= 1) to.int32(0);
    // An old one leaves alone, and its error is that of all.
    to.int16(version <= 2 && error === kafkaError.none ? (members[0]?.error ?? error) : error);
    if (version >= 3) to.array(members, (one) => to.text(one.member).text(one.instance).int16(one.error).tags());
    to.tags();
  },
  refuse: (_, error) => refuse(error),
  handle: ({ group, leavers }, { broker }) =>
    broker.groups
      .leave(group, leavers)
      .then((members): Response => ({ error: kafkaError.none, members }))
      .catch(refusedAs(refuse)),
};
