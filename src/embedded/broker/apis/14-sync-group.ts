import { kafkaError } from '../errors.ts';
import { nothing, refusedSync, type Synced, type SyncRequest } from '../groups/member.ts';
import { untilGone } from '../groups/until-gone.ts';
import type { Api } from './api.ts';

// group, generation i32, member, instance? (3+), type? and protocol? (5+), [member, assignment]
// -> throttle i32 (1+), error i16, type? and protocol? (5+), assignment
export const syncGroup: Api<SyncRequest, Synced> = {
  key: 14,
  name: 'SyncGroup',
  served: { min: 0, max: 5 },
  flexibleFrom: 4,
  read: (from, version) => {
    const [group, generation, member] = [from.string(), from.int32(), from.string()];
    const instance = version >= 3 ? from.text() : null;
    const [protocolType, protocol] = version >= 5 ? [from.text(), from.text()] : [null, null];
    const assignments = from.array(() =>
      // Copied: it is kept longer than the request.
      from.struct(() => [from.string(), Buffer.from(from.bytes() ?? nothing)] as const),
    );
    return { group, generation, member, instance, protocolType, protocol, assignments: new Map(assignments) };
  },
  write: (to, { error, protocolType, protocol, assignment }, version) => {
    if (version >= 1) to.int32(0);
    to.int16(error);
    if (version >= 5) to.text(protocolType).text(protocol);
    to.bytes(assignment).tags();
  },
  refuse: (_, error) => refusedSync(error),
  handle: (request, { broker, version, signal }) => {
    // From the version on in which it can be said, it has to be.
    if (version >= 5 && (request.protocolType === null || request.protocol === null))
      return refusedSync(kafkaError.inconsistentGroupProtocol);
    return untilGone(signal, broker.groups.sync(request));
  },
};
