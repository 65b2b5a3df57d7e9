import { nothing, refusedJoin, type Joined, type JoinRequest } from '../groups/member.ts';
import { untilGone } from '../groups/until-gone.ts';
import type { Api } from './api.ts';

type Request = Omit<JoinRequest, 'clientId' | 'host'>;

// group, session i32, rebalance i32 (1+), member, instance? (5+), type, [protocol, metadata], reason? (8+)
// -> throttle i32 (2+), error i16, generation i32, type? (7+), protocol (? 7+), leader, skip assignment bool (9+), member,
//    [member, instance? (5+), metadata]
export const joinGroup: Api<Request, Joined> = {
  key: 11,
  name: 'JoinGroup',
  served: { min: 0, max: 9 },
  flexibleFrom: 6,
  read: (from, version) => {
    const [group, sessionMs] = [from.string(), from.int32()];
    const rebalanceMs = version >= 1 ? from.int32() : sessionMs;
    const member = from.string();
    const instance = version >= 5 ? from.text() : null;
    const protocolType = from.string();
    const protocols = from.array(() =>
      // Copied: it is kept longer than the request.
      from.struct(() => ({ name: from.string(), metadata: Buffer.from(from.bytes() ?? nothing) })),
    );
    if (version >= 8) from.text();
    const by = { needsId: version >= 4, canSkipAssignment: version >= 9 };
    return { group, sessionMs, rebalanceMs, member, instance, protocolType, protocols, ...by };
  },
  write: (to, { error, generation, protocolType, protocol, leader, skipAssignment, member, members }, version) => {
    if (version >= 2) to.int32(0);
    to.int16(error).int32(generation);
    if (version >= 7) to.text(protocolType).text(protocol);
    else to.text(protocol ?? '');
    to.text(leader);
    if (version >= 9) to.bool(skipAssignment);
    to.text(member).array(members, ({ id, instance, metadata }) => {
      to.text(id);
      if (version >= 5) to.text(instance);
      to.bytes(metadata).tags();
    });
    to.tags();
  },
  refuse: ({ member }, error) => refusedJoin(error, member),
  handle: (request, { broker, clientId, host, signal }) =>
    untilGone(signal, broker.groups.join({ ...request, clientId, host })),
};
