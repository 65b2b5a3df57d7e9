import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { apis } from '../../src/embedded/broker/apis/all.ts';
import { unsupported } from '../../src/embedded/broker/apis/18-api-versions.ts';
import type { Broker } from '../../src/embedded/broker/broker.ts';
import { addOffsetsToTxn } from '../../src/kafka/api/25-add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../src/kafka/api/24-add-partitions-to-txn.ts';
import type { Api } from '../../src/kafka/api/api.ts';
import { apiVersions } from '../../src/kafka/api/18-api-versions.ts';
import { describeGroup } from '../../src/kafka/api/15-describe-groups.ts';
import { endTxn } from '../../src/kafka/api/26-end-txn.ts';
import { fetch } from '../../src/kafka/api/01-fetch.ts';
import { findCoordinator } from '../../src/kafka/api/10-find-coordinator.ts';
import { initProducerId } from '../../src/kafka/api/22-init-producer-id.ts';
import { leaveGroup } from '../../src/kafka/api/13-leave-group.ts';
import { listOffsets } from '../../src/kafka/api/02-list-offsets.ts';
import { listTransactions } from '../../src/kafka/api/66-list-transactions.ts';
import { metadata } from '../../src/kafka/api/03-metadata.ts';
import { offsetFetch } from '../../src/kafka/api/09-offset-fetch.ts';
import { produce } from '../../src/kafka/api/00-produce.ts';
import { txnOffsetCommit } from '../../src/kafka/api/28-txn-offset-commit.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { In } from '../../src/kafka/wire/in.ts';
import { Out } from '../../src/kafka/wire/out.ts';
import { answerOf, kafkajs, readWhole, writeWhole, writtenByKafkajs } from './kafkajs-wire.ts';

const folder = join(import.meta.dirname, '../../src/embedded/broker/apis');
const files = readdirSync(folder).filter((name) => /^\d\d-/.test(name));
const camel = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

test.each(files)('%s is in the table, under its number and its name', (file) => {
  const [, key = '', name = ''] = /^(\d\d)-(.*)\.ts$/.exec(file) ?? [];
  expect(apis.get(Number(key))).toMatchObject({ key: Number(key), name: camel(name) });
});

test('there is nothing else in the table', () => {
  expect([...apis.keys()].sort((a, b) => a - b)).toEqual(files.map((file) => Number.parseInt(file, 10)));
});

test.each([...apis.values()])('$name: what is served is offered', ({ served, advertised = served }) => {
  expect(served.min).toBeLessThanOrEqual(served.max);
  expect(advertised.min).toBeLessThanOrEqual(served.min);
  // A newer version that is offered would be asked for.
  expect(advertised.max).toBe(served.max);
});

const of = { transactionalId: 'tx', producer: { id: 7n, epoch: 1 } };
const places = [
  { topic: 'a', partition: 0 },
  { topic: 'b', partition: 3 },
];
const batch = encodeBatch([{ key: 'k', value: 'v', timestamp: 1 }], {
  producerId: -1n,
  producerEpoch: -1,
  baseSequence: -1,
  transactional: false,
});
const asked = <Q, A>(api: Api<Q, A>, request: Q): [string, Api<unknown, unknown>, unknown] => [api.name, api, request];
const ofDownlink = [
  asked(produce, { transactionalId: 'tx', timeoutMs: 1, batches: places.map((place) => ({ ...place, bytes: batch })) }),
  asked(fetch, {
    maxWaitMs: 1,
    minBytes: 1,
    maxBytes: 9,
    committedOnly: true,
    partitions: places.map((place) => ({ ...place, offset: 5n, maxBytes: 9 })),
  }),
  asked(listOffsets, { committedOnly: true, partitions: places.map((place) => ({ ...place, at: -1n })) }),
  asked(metadata, ['a', 'b']),
  asked(offsetFetch, { group: 'g', partitions: places }),
  asked(findCoordinator, { kind: 'group', key: 'g' }),
  asked(leaveGroup, { group: 'g', member: 'm' }),
  asked(describeGroup, 'g'),
  asked(apiVersions, null),
  asked(initProducerId, { transactionalId: 'tx', timeoutMs: 1, producer: of.producer }),
  asked(addPartitionsToTxn, { ...of, partitions: places }),
  asked(addOffsetsToTxn, { ...of, group: 'g' }),
  asked(endTxn, { ...of, commit: true }),
  asked(txnOffsetCommit, {
    ...of,
    group: 'g',
    membership: { member: 'm', generation: 2 },
    offsets: places.map((place) => ({ ...place, offset: 5n, note: 'n' })),
  }),
  asked(listTransactions, ['tx']),
];

test.each(ofDownlink)("%s is read whole as downlink's own client writes it", (_name, client, request) => {
  const api = apis.get(client.key);
  if (api === undefined) throw new Error('it is not there');
  let read = 0;
  for (let version = client.versions.min; version <= Math.min(client.versions.max, api.served.max); version++) {
    const out = new Out();
    client.write(out, request, version);
    expect(client.flexible).toBe(version >= api.flexibleFrom);
    readWhole(api, version, Buffer.concat(out.parts()));
    read++;
  }
  expect(read).toBeGreaterThan(0);
});

const inA = <T>(one: T) => [{ topic: 'a', partitions: [one] }];
const transaction = { transactionalId: 'tx', producerId: 7, producerEpoch: 1, groupId: 'g' };
const member = { groupId: 'g', groupGenerationId: 1, generationId: 1, memberId: 'm', groupInstanceId: 'i' };
/** In the words of all of kafkajs' versions at once. */
const ofKafkajs: Readonly<Record<string, unknown>> = {
  Produce: {
    acks: -1,
    timeout: 1,
    transactionalId: 'tx',
    producerId: 7,
    producerEpoch: 1,
    compression: 0,
    topicData: inA({ partition: 0, firstSequence: 0, messages: [{ key: 'k', value: 'v', timestamp: 1 }] }),
  },
  Fetch: {
    replicaId: -1,
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes: 9,
    topics: inA({ partition: 0, fetchOffset: '5', maxBytes: 9 }),
  },
  ListOffsets: { replicaId: -1, isolationLevel: 1, topics: inA({ partition: 0, timestamp: '-1' }) },
  Metadata: { topics: ['a', 'b'] },
  OffsetCommit: { ...member, retentionTime: '-1', topics: inA({ partition: 0, offset: '5', metadata: 'n' }) },
  OffsetFetch: { groupId: 'g', topics: inA({ partition: 0 }) },
  GroupCoordinator: { coordinatorKey: 'g', coordinatorType: 0, groupId: 'g' },
  JoinGroup: {
    ...member,
    sessionTimeout: 9,
    rebalanceTimeout: 9,
    protocolType: 'consumer',
    groupProtocols: [{ name: 'p', metadata: Buffer.from('m') }],
  },
  Heartbeat: member,
  LeaveGroup: { ...member, members: [{ memberId: 'm', groupInstanceId: null }] },
  SyncGroup: { ...member, groupAssignment: [{ memberId: 'm', memberAssignment: Buffer.from('x') }] },
  DescribeGroups: { groupIds: ['g'] },
  ListGroups: {},
  SaslHandshake: { mechanism: 'PLAIN' },
  ApiVersions: {},
  CreateTopics: {
    topics: [
      {
        topic: 'a',
        numPartitions: 1,
        replicationFactor: 1,
        replicaAssignment: [],
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
    timeout: 1,
    validateOnly: true,
  },
  DeleteTopics: { topics: ['a', 'b'], timeout: 1 },
  DeleteRecords: { topics: inA({ partition: 0, offset: '5' }), timeout: 1 },
  InitProducerId: { transactionalId: 'tx', transactionTimeout: 1 },
  AddPartitionsToTxn: { ...transaction, topics: inA(0) },
  AddOffsetsToTxn: transaction,
  EndTxn: { ...transaction, transactionResult: true },
  TxnOffsetCommit: { ...transaction, topics: inA({ partition: 0, offset: '5', metadata: 'n' }) },
  DescribeConfigs: { resources: [{ type: 2, name: 'a', configNames: ['cleanup.policy'] }], includeSynonyms: true },
  AlterConfigs: {
    resources: [{ type: 2, name: 'a', configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
    validateOnly: true,
  },
  // Its mechanisms write the length themselves.
  SaslAuthenticate: { authBytes: Buffer.from([0, 0, 0, 1, 7]) },
  CreatePartitions: { topicPartitions: [{ topic: 'a', count: 2, assignments: [[1]] }], timeout: 1, validateOnly: true },
  DeleteGroups: ['g'],
};

test.each(Object.entries(ofKafkajs))('%s is read whole as kafkajs writes it', async (name, request) => {
  let read = 0;
  for (const version of kafkajs[name]?.versions ?? []) {
    const [api, body] = await writtenByKafkajs(name, Number(version), request);
    if (Number(version) < api.served.min || Number(version) > api.served.max) continue;
    readWhole(api, Number(version), body);
    read++;
  }
  expect(read).toBeGreaterThan(0);
});

const numbersIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [value];
const newest = Object.entries(ofKafkajs).map(([name, request]) => {
  const version = Number(kafkajs[name]?.versions.at(-1));
  const wire = kafkajs[name]?.protocol({ version })(request);
  return { name, version, request, wire, api: apis.get(wire?.request.apiKey ?? -1) };
});

test.each(newest.filter(({ api }) => api?.refuse !== undefined))(
  '$name is refused in words that kafkajs reads',
  async ({ name, version, request, wire }) => {
    const [api, body] = await writtenByKafkajs(name, version, request);
    const storageError = 56;
    const refused = api.refuse?.(readWhole(api, version, body), storageError);
    expect(numbersIn(await wire?.response.decode(writeWhole(api, version, refused)))).toContain(storageError);
  },
);

const versions = apis.get(18);
if (versions === undefined) throw new Error('nobody can ask for the versions');
const nothing = {} as Broker;

test('a client is told of each API in the versions that are offered, and that transactions are of the new form', async () => {
  const answer = await answerOf(nothing, versions, 3, { name: 'downlink', version: '1' });
  const read = apiVersions.read(new In(writeWhole(versions, 3, answer)), 3);
  expect(read.error).toBe(0);
  expect(read.features.get('transaction.version')).toBe(2);
  for (const { key, served, advertised = served } of apis.values()) expect(read.versions.get(key)).toEqual(advertised);
});

test('a client with a name that is none is refused: INVALID_REQUEST', async () => {
  expect(await answerOf(nothing, versions, 3, { name: 'a b', version: '1' })).toMatchObject({ error: 42 });
});

test('who asks in a version to come is told in the first version which there are: UNSUPPORTED_VERSION', () => {
  const answer = new In(Buffer.concat(unsupported().parts()));
  expect(answer.int16()).toBe(35);
  expect(answer.array(() => [answer.int16(), answer.int16(), answer.int16()])).toEqual([[18, 0, 4]]);
  expect(answer.left).toBe(0);
});
