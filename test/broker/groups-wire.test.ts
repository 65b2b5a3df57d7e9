import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { offsetCommit } from '../../src/embedded/broker/apis/08-offset-commit.ts';
import { offsetFetch } from '../../src/embedded/broker/apis/09-offset-fetch.ts';
import { findCoordinator } from '../../src/embedded/broker/apis/10-find-coordinator.ts';
import { joinGroup } from '../../src/embedded/broker/apis/11-join-group.ts';
import { heartbeat } from '../../src/embedded/broker/apis/12-heartbeat.ts';
import { leaveGroup } from '../../src/embedded/broker/apis/13-leave-group.ts';
import { syncGroup } from '../../src/embedded/broker/apis/14-sync-group.ts';
import { describeGroups } from '../../src/embedded/broker/apis/15-describe-groups.ts';
import { listGroups } from '../../src/embedded/broker/apis/16-list-groups.ts';
import { deleteGroups } from '../../src/embedded/broker/apis/42-delete-groups.ts';
import { offsetDelete } from '../../src/embedded/broker/apis/47-offset-delete.ts';
import { asAny, type AnyApi } from '../../src/embedded/broker/apis/api.ts';
import { Reading, Writing } from '../../src/embedded/broker/codec.ts';

type Bytes = Readonly<Record<string, string>>;

/** One request and one answer for each version of each API, as Kafka 4.3's own classes write them. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'groups-wire.json'), 'utf8')) as Readonly<
  Record<string, { readonly requests: Bytes; readonly responses: Bytes }>
>;

const node = { id: 1, host: 'localhost', port: 9092 };
const [r, x, none] = [Buffer.from('r'), Buffer.from('x'), Buffer.alloc(0)];
const who = (version: number, from: number) => ({ generation: 3, member: 'm', instance: version >= from ? 'i' : null });
const fetched = [
  { partition: 1, offset: 5n, leaderEpoch: 3, note: 'n', error: 0 },
  { partition: 2, offset: -1n, leaderEpoch: -1, note: '', error: 88 },
];
const member = { id: 'm', instance: 'i', clientId: 'c', host: '127.0.0.1', assignment: x };
const described = { group: 'g', state: 'Stable', protocolType: 'consumer', protocol: 'range' };

/** What those bytes say. */
const cases: readonly {
  readonly api: AnyApi;
  readonly request: (version: number) => unknown;
  readonly response: (version: number) => unknown;
}[] = [
  {
    api: asAny(offsetCommit),
    request: (version) => ({
      group: 'g',
      who: { ...who(version, 7), generation: 7 },
      retentionMs: version <= 4 ? 9 : -1,
      offsets: [
        {
          topic: 'a',
          partitions: [
            { partition: 1, offset: 2n, leaderEpoch: version >= 6 ? 3 : -1, note: 'n' },
            { partition: 2, offset: 4n, leaderEpoch: -1, note: null },
          ],
        },
      ],
    }),
    response: () => [
      {
        topic: 'a',
        partitions: [
          { partition: 1, error: 0 },
          { partition: 2, error: 12 },
        ],
      },
    ],
  },
  {
    api: asAny(offsetFetch),
    request: (version) => ({
      groups: [
        { group: 'g', topics: [{ topic: 'a', partitions: [1, 2] }] },
        ...(version >= 8 ? [{ group: 'h', topics: null }] : []),
      ],
      stable: version >= 7,
    }),
    response: (version) => [
      { group: 'g', topics: [{ topic: 'a', partitions: fetched }], error: 0 },
      ...(version >= 8 ? [{ group: 'h', topics: [], error: 24 }] : []),
    ],
  },
  {
    api: asAny(findCoordinator),
    request: (version) => ({ kind: version >= 1 ? 1 : 0, keys: version >= 4 ? ['g', 'h'] : ['g'] }),
    response: (version) => [
      { key: 'g', node, error: 0 },
      ...(version >= 4 ? [{ key: 'h', node: { id: -1, host: '', port: -1 }, error: 42 }] : []),
    ],
  },
  {
    api: asAny(joinGroup),
    request: (version) => ({
      group: 'g',
      sessionMs: 10_000,
      rebalanceMs: version >= 1 ? 60_000 : 10_000,
      member: 'm',
      instance: version >= 5 ? 'i' : null,
      protocolType: 'consumer',
      protocols: [
        { name: 'range', metadata: r },
        { name: 'other', metadata: none },
      ],
      needsId: version >= 4,
      canSkipAssignment: version >= 9,
    }),
    response: () => ({
      ...{ error: 0, generation: 3, protocolType: 'consumer', protocol: 'range', leader: 'm', skipAssignment: true },
      member: 'm',
      members: [
        { id: 'm', instance: 'i', metadata: r },
        { id: 'o', instance: null, metadata: none },
      ],
    }),
  },
  {
    api: asAny(heartbeat),
    request: (version) => ({ group: 'g', who: who(version, 3) }),
    response: () => 27,
  },
  {
    api: asAny(leaveGroup),
    request: (version) => ({
      group: 'g',
      leavers:
        version >= 3
          ? [
              { member: 'm', instance: 'i' },
              { member: 'o', instance: null },
            ]
          : [{ member: 'm', instance: null }],
    }),
    response: () => ({
      error: 0,
      members: [
        { member: 'm', instance: 'i', error: 0 },
        { member: 'o', instance: null, error: 25 },
      ],
    }),
  },
  {
    api: asAny(syncGroup),
    request: (version) => ({
      group: 'g',
      ...who(version, 3),
      protocolType: version >= 5 ? 'consumer' : null,
      protocol: version >= 5 ? 'range' : null,
      assignments: new Map([
        ['m', x],
        ['o', none],
      ]),
    }),
    response: () => ({ error: 0, protocolType: 'consumer', protocol: 'range', assignment: x }),
  },
  {
    api: asAny(describeGroups),
    request: (version) => ({ groups: ['g', 'h'], withOperations: version >= 3 }),
    response: () => [
      {
        ...described,
        ...{ error: 0, message: null, operations: 3400 },
        members: [{ ...member, protocols: [{ name: 'range', metadata: r }] }],
      },
      {
        ...{ group: 'h', state: 'Dead', protocolType: '', protocol: null, members: [] },
        ...{ error: 69, message: 'Group h not found.', operations: -(2 ** 31) },
      },
    ],
  },
  {
    api: asAny(listGroups),
    request: (version) => ({ states: version >= 4 ? ['Stable'] : [], types: version >= 5 ? ['classic'] : [] }),
    response: () => ({ error: 0, groups: [{ group: 'g', protocolType: 'consumer', state: 'Stable' }] }),
  },
  {
    api: asAny(deleteGroups),
    request: () => ['g', 'h'],
    response: () => [
      { group: 'g', error: 0 },
      { group: 'h', error: 68 },
    ],
  },
  {
    api: asAny(offsetDelete),
    request: () => ({ group: 'g', topics: [{ topic: 'a', partitions: [1, 2] }] }),
    response: () => ({
      error: 0,
      topics: [
        {
          topic: 'a',
          partitions: [
            { partition: 1, error: 0 },
            { partition: 2, error: 86 },
          ],
        },
      ],
    }),
  },
];

const every = cases.flatMap(({ api, ...one }) =>
  Array.from({ length: api.served.max - api.served.min + 1 }, (_, i) => ({ ...one, api, version: api.served.min + i })),
);

test('there are bytes for each version that is served, and for no other', () => {
  const versions = Object.entries(golden).flatMap(([name, { requests }]) =>
    Object.keys(requests).map((one) => `${name} ${one}`),
  );
  expect(versions.sort()).toEqual(every.map(({ api, version }) => `${api.name} ${version}`).sort());
});

test.each(every.map((one) => [one.api.name, one.version, one] as const))(
  '%s %d is read and answered as Kafka writes and reads it',
  (name, version, { api, request, response }) => {
    const isFlexible = version >= api.flexibleFrom;
    const bytes = Buffer.from(golden[name]?.requests[version] ?? '', 'hex');
    const from = new Reading(bytes, isFlexible);
    expect(api.read(from, version)).toEqual(request(version));
    // The end of the request's own tagged fields is the end of all.
    if (isFlexible) from.tags();
    expect(() => from.int8()).toThrow('1 more bytes');

    const to = new Writing(isFlexible);
    api.write(to, response(version), version);
    expect(Buffer.concat(to.parts()).toString('hex')).toBe(golden[name]?.responses[version]);
  },
);
