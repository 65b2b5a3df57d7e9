import { createRequire } from 'node:module';
import type { KafkaConfig } from 'kafkajs';
import { classify, DownlinkError } from '../../errors.ts';
import type { Cluster as OwnCluster, TopicPartition } from '../cluster.ts';
import type { Generation } from './generation.ts';
import { leaveFor } from './leave-for.ts';
import type { Claim } from './sticky.ts';
import { defaultSocketFactory, silent } from '../kafkajs-internals.ts';

// kafkajs' group membership without its fetch loop: in there a heartbeat waits for the fetch, so that a rebalance is noticed
// up to five seconds late, and handlers of an old generation go on.

interface ConsumerGroup {
  memberId: string | null;
  generationId: number;
  readonly coordinator: { heartbeat(request: object): Promise<unknown> } | null;
  connect(): Promise<void>;
  joinAndSync(): Promise<void>;
  assigned(): readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}
interface KafkajsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
}
interface AssignerProtocol {
  readonly MemberMetadata: {
    encode(metadata: { version: number; topics: readonly string[]; userData: Buffer }): Buffer;
    decode(bytes: Buffer): { readonly userData: Buffer };
  };
  readonly MemberAssignment: {
    encode(assignment: { version: number; assignment: Readonly<Record<string, readonly number[]>> }): Buffer;
  };
}

const require = createRequire(import.meta.url);
const Cluster = require('kafkajs/src/cluster') as new (options: object) => KafkajsCluster;
const ConsumerGroupClass = require('kafkajs/src/consumer/consumerGroup') as new (options: object) => ConsumerGroup;
const { MemberMetadata, MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol') as AssignerProtocol;

export interface GroupOptions {
  readonly config: KafkaConfig;
  /** Another connection, for what must not wait behind a join. */
  readonly cluster: OwnCluster;
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly claim: () => Omit<Claim, 'member'>;
  readonly assign: (
    claims: readonly Claim[],
    partitions: readonly TopicPartition[],
  ) => ReadonlyMap<string, readonly TopicPartition[]>;
}

export interface MemberOfGroup {
  join(): Promise<Generation>;
  /** `over`: a new generation is being made, or this member is no longer in it. */
  heartbeat(): Promise<'alive' | 'over'>;
  leave(): Promise<void>;
}

const leaveMs = 2_000;

export function openConsumerGroup(options: GroupOptions): MemberOfGroup {
  const { config, group, topics, sessionTimeoutMs, rebalanceTimeoutMs, claim, assign } = options;
  const name = 'downlink-sticky';
  const version = 0;
  const cluster = new Cluster({
    ...config,
    socketFactory: config.socketFactory ?? defaultSocketFactory(),
    connectionTimeout: config.connectionTimeout ?? 3_000,
    authenticationTimeout: 10_000,
    reauthenticationThreshold: 10_000,
    // A join is answered when the rebalance is done.
    requestTimeout: rebalanceTimeoutMs + 5_000,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    retry: { retries: 2, initialRetryTime: 20, maxRetryTime: 200 },
    logger: silent,
  });

  const assigner = {
    name,
    version,
    protocol: () => {
      // kafkajs joins again by itself, also as a member that has just left: the group would wait for it.
      if (leaving) throw new Error('it is leaving');
      const userData = Buffer.from(JSON.stringify(claim()));
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) };
    },
    assign: ({ members }: { members: readonly { memberId: string; memberMetadata: Buffer }[] }) => {
      const claims = members.map(({ memberId, memberMetadata }) => ({ member: memberId, ...claimIn(memberMetadata) }));
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId: partition }) => ({ topic, partition })),
      );
      partitions.sort((a, b) => a.partition - b.partition);
      return [...assign(claims, partitions)].map(([memberId, own]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({ version, assignment: byTopic(own) }),
      }));
    },
  };

  const consumer = new ConsumerGroupClass({
    retry: { retries: 2, initialRetryTime: 20, maxRetryTime: 200 },
    cluster,
    groupId: group,
    topics,
    topicConfigurations: Object.fromEntries(topics.map((topic) => [topic, {}])),
    logger: silent,
    instrumentationEmitter: { emit: () => undefined },
    assigners: [assigner],
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
  });

  let connected = false;
  let leaving = false;
  let joining: Promise<unknown> = Promise.resolve();
  const join = async (): Promise<Generation> => {
    try {
      if (!connected) {
        await cluster.connect();
        await cluster.addMultipleTargetTopics(topics);
        connected = true;
      }
      await consumer.joinAndSync();
    } catch (thrown) {
      throw failure(group, thrown);
    }
    const partitions = consumer
      .assigned()
      .flatMap(({ topic, partitions: numbers }) => numbers.map((partition) => ({ topic, partition })));
    return { number: consumer.generationId, member: consumer.memberId ?? '', partitions };
  };

  const heartbeat = async (): Promise<'alive' | 'over'> => {
    const { memberId, generationId } = consumer;
    try {
      await consumer.coordinator?.heartbeat({ groupId: group, memberId, groupGenerationId: generationId });
      return 'alive';
    } catch (thrown) {
      const type = typeOf(thrown);
      // It was away for longer than its session: it comes back as somebody new.
      if (type === 'UNKNOWN_MEMBER_ID') consumer.memberId = null;
      return 'over';
    }
  };

  const leaveAs = async (member: string | null): Promise<void> => {
    // A coordinator that does not answer will find out by itself, when the session ends.
    if (member !== null) await leaveFor(options.cluster, group, member, leaveMs).catch(() => undefined);
  };

  return {
    join: () => {
      const joined = join();
      joining = joined.catch(() => undefined);
      return joined;
    },
    heartbeat,
    leave: async () => {
      leaving = true;
      const { memberId } = consumer;
      await leaveAs(memberId);
      // Whoever joined for the first time has a name when that is answered; the group would wait for it.
      await joining;
      if (consumer.memberId !== memberId) await leaveAs(consumer.memberId);
      await cluster.disconnect();
    },
  };
}

/** What a member said of itself when it joined. */
export function claimIn(metadata: Buffer): Omit<Claim, 'member'> {
  const { userData } = MemberMetadata.decode(metadata);
  // A consumer that is none of ours says nothing of itself.
  if (userData.length === 0) return { owned: [], generation: -1 };
  return JSON.parse(userData.toString()) as Omit<Claim, 'member'>;
}

function byTopic(partitions: readonly TopicPartition[]): Record<string, number[]> {
  const topics: Record<string, number[]> = {};
  for (const { topic, partition } of partitions) (topics[topic] ??= []).push(partition);
  return topics;
}

const typeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'type' in thrown ? thrown.type : undefined;

const refusals = [
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_GROUP_ID',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_SESSION_TIMEOUT',
  'SASL_AUTHENTICATION_FAILED',
];

function failure(group: string, thrown: unknown): DownlinkError {
  const refused = refusals.includes(String(typeOf(thrown)));
  const detail = `joining ${group}: ${classify(thrown).detail}`;
  return new DownlinkError(refused ? 'kafka-refused' : 'kafka-unavailable', detail, { cause: thrown });
}
