import { kafkaError } from '../errors.ts';
import type { Described } from '../groups/groups.ts';
import { metadataOf, nothing } from '../groups/member.ts';
import type { Api } from './api.ts';
import { notAsked } from './authorized-operations.ts';

interface Request {
  readonly groups: readonly string[];
  readonly withOperations: boolean;
}

interface Response extends Described {
  readonly error: number;
  readonly message: string | null;
  readonly operations: number;
}

/** All that Kafka has for groups: read, delete, describe, and describe and alter configs. */
const operationsOnGroups = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

const unknown = (group: string, error: number, message: string | null = null): Response => {
  return { group, error, message, state: 'Dead', protocolType: '', protocol: null, members: [], operations: notAsked };
};

// [group], rights bool (3+)
// -> throttle i32 (1+), [error i16, text? (6+), group, state, type, protocol, [member, instance? (4+), client, host, metadata, assignment], rights i32 (3+)]
export const describeGroups: Api<Request, readonly Response[]> = {
  key: 15,
  name: 'DescribeGroups',
  served: { min: 0, max: 6 },
  flexibleFrom: 5,
  read: (from, version) => ({ groups: from.array(() => from.string()), withOperations: version >= 3 && from.bool() }),
  write: (to, all, version) => {
    if (version >= 1) to.int32(0);
    to.array(all, ({ error, message, group, state, protocolType, protocol, members, operations }) => {
      // Between two rebalances only it is true what stands there.
      const isStable = state === 'Stable';
      to.int16(error);
      if (version >= 6) to.text(message);
      to.text(group).text(state).text(protocolType);
      to.text((isStable ? protocol : null) ?? '').array(members, (member) => {
        to.text(member.id);
        if (version >= 4) to.text(member.instance);
        to.text(member.clientId).text(`/${member.host}`);
        to.bytes(isStable ? metadataOf(member, protocol) : nothing);
        to.bytes(isStable ? member.assignment : nothing).tags();
      });
      if (version >= 3) to.int32(operations);
      to.tags();
    });
    to.tags();
  },
  refuse: ({ groups }, error) => groups.map((group) => unknown(group, error)),
  handle: ({ groups, withOperations }, { broker, version }) =>
    groups.map((id): Response => {
      const described = broker.groups.describe(id);
      if (described === undefined)
        return version >= 6
          ? unknown(id, kafkaError.groupIdNotFound, `Group ${id} not found.`)
          : unknown(id, kafkaError.none);
      const operations = withOperations ? operationsOnGroups : notAsked;
      return { ...described, error: kafkaError.none, message: null, operations };
    }),
};
