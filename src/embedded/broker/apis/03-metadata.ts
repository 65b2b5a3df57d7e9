import type { Writing } from '../codec.ts';
import { kafkaError } from '../errors.ts';
import { isTopicName } from '../topics/topic-name.ts';
import type { Topic } from '../topics/topics.ts';
import type { Api, Call } from './api.ts';
import { authorizedOperations, notAsked } from './authorized-operations.ts';
import { distinctBy } from './distinct.ts';
import { leaderEpoch } from './leader-epoch.ts';
import { outcomeOf } from './outcome.ts';
import { noTopicId, readTopicId, writeTopicId } from './topic-id.ts';

interface Wanted {
  readonly id: string;
  readonly name: string | null;
}

interface Request {
  /** Null: all that there are. */
  readonly topics: readonly Wanted[] | null;
  readonly mayCreate: boolean;
  readonly ofCluster: boolean;
  readonly ofTopics: boolean;
}

type Described = Wanted & { readonly error: number; readonly internal: boolean; readonly partitions: number };

interface Response {
  readonly node: Call['broker']['node'];
  readonly clusterId: string;
  readonly topics: readonly Described[];
  readonly clusterOperations: number;
  readonly topicOperations: number;
}

// [id uuid (10+), topic]?, create bool (4+), rights in the cluster bool (8-10), in topics bool (8+)
// -> throttle i32 (3+), [node i32, host, port i32, rack? (1+)], cluster? (2+), controller i32 (1+),
//    [error i16, topic, id uuid (10+), internal bool (1+), [error i16, partition i32, leader i32, leader epoch i32 (7+), [replica i32],
//    [in sync i32], [offline i32] (5+)], rights i32 (8+)], rights i32 (8-10), error i16 (13+)
export const metadata: Api<Request, Response> = {
  key: 3,
  name: 'Metadata',
  served: { min: 0, max: 13 },
  flexibleFrom: 9,
  read: (from, version) => {
    const topics = from.items(() =>
      from.struct(() => ({
        id: version >= 10 ? readTopicId(from) : noTopicId,
        name: version >= 10 ? from.text() : from.string(),
      })),
    );
    return {
      // The first version has no null.
      topics: version === 0 && topics?.length === 0 ? null : topics,
      mayCreate: version < 4 || from.bool(),
      ofCluster: version >= 8 && version <= 10 && from.bool(),
      ofTopics: version >= 8 && from.bool(),
    };
  },
  write: (to, { node, clusterId, topics, clusterOperations, topicOperations }, version) => {
    if (version >= 3) to.int32(0);
    to.array([node], ({ id, host, port }) => {
      to.int32(id).text(host).int32(port);
      if (version >= 1) to.text(null);
      to.tags();
    });
    if (version >= 2) to.text(clusterId);
    if (version >= 1) to.int32(node.id);
    to.array(topics, (topic) => {
      to.int16(topic.error).text(version >= 12 ? topic.name : (topic.name ?? ''));
      if (version >= 10) writeTopicId(to, topic.id);
      if (version >= 1) to.bool(topic.internal);
      to.array([...Array(topic.partitions).keys()], (partition) => writePartition(to, partition, node.id, version));
      if (version >= 8) to.int32(topic.error === kafkaError.none ? topicOperations : notAsked);
      to.tags();
    });
    if (version >= 8 && version <= 10) to.int32(clusterOperations);
    if (version >= 13) to.int16(kafkaError.none);
    to.tags();
  },
  handle: ({ topics, mayCreate, ofCluster, ofTopics }, { broker }) => {
    const wanted = topics && distinctBy(topics, ({ id, name }) => name ?? `id ${id}`);
    const error = wanted && mayCreate ? made(wanted, broker) : kafkaError.unknownTopicOrPartition;
    return {
      node: broker.node,
      clusterId: broker.clusterId,
      topics: wanted ? wanted.map((one) => look(one, error, broker)) : Array.from(broker.topics.all, described),
      clusterOperations: ofCluster ? authorizedOperations.cluster : notAsked,
      topicOperations: ofTopics ? authorizedOperations.topic : notAsked,
    };
  },
};

function writePartition(to: Writing, partition: number, node: number, version: number): void {
  to.int16(kafkaError.none).int32(partition).int32(node);
  if (version >= 7) to.int32(leaderEpoch);
  for (let lists = 0; lists < 2; lists++) to.array([node], (id) => to.int32(id));
  if (version >= 5) to.array([], () => undefined);
  to.tags();
}

const described = ({ id, name, internal, logs }: Topic): Described => ({
  id,
  name,
  internal,
  partitions: logs.length,
  error: kafkaError.none,
});

/** Makes those that there are not yet, and answers why there are none of them now. */
function made(wanted: readonly Wanted[], { settings, topics }: Call['broker']): number {
  if (!settings.autoCreateTopics) return kafkaError.unknownTopicOrPartition;
  const names = wanted.flatMap(({ name }) => (name === null || topics.find(name) || !isTopicName(name) ? [] : [name]));
  if (names.length === 0) return kafkaError.none;
  return outcomeOf(() => topics.createAll(names, settings.defaultPartitions)).error;
}

function look({ id, name }: Wanted, missing: number, { topics }: Call['broker']): Described {
  const topic = name === null ? topics.byId(id) : topics.find(name);
  if (topic !== undefined) return described(topic);
  const none = { name, internal: false, partitions: 0 };
  if (name === null) return { ...none, id, error: kafkaError.unknownTopicId };
  return { ...none, id: noTopicId, error: isTopicName(name) ? missing : kafkaError.invalidTopic };
}
