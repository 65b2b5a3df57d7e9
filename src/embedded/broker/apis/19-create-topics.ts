import { kafkaError, Refused } from '../errors.ts';
import { checkedConfigs, describedConfigs, type DescribedConfig } from '../topics/configs.ts';
import type { Api } from './api.ts';
import { distinctBy } from './distinct.ts';
import { repeated } from './repeated.ts';
import { checkPlaces } from './places.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { noTopicId, writeTopicId } from './topic-id.ts';

interface Wanted {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly assignments: readonly { readonly partition: number; readonly nodes: readonly number[] }[];
  readonly configs: readonly (readonly [name: string, value: string | null])[];
}

interface Request {
  readonly topics: readonly Wanted[];
  readonly validateOnly: boolean;
}

type Created = Outcome & {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly configs: readonly DescribedConfig[];
};

// [topic, partitions i32, replicas i16, [partition i32, [node i32]], [config, value?]], time-out i32, validate only bool
// -> throttle i32, [topic, id uuid (7+), error i16, text?, (5+:) partitions i32, replicas i16, [config, value?, read only bool, source i8, secret bool]]
export const createTopics: Api<Request, readonly Created[]> = {
  key: 19,
  name: 'CreateTopics',
  served: { min: 2, max: 7 },
  flexibleFrom: 5,
  read: (from) => {
    const topics = from.array(() =>
      from.struct(() => ({
        name: from.string(),
        partitions: from.int32(),
        replicas: from.int16(),
        assignments: from.array(() =>
          from.struct(() => ({ partition: from.int32(), nodes: from.array(() => from.int32()) })),
        ),
        configs: from.array(() => from.struct(() => [from.string(), from.text()] as const)),
      })),
    );
    from.int32();
    return { topics, validateOnly: from.bool() };
  },
  write: (to, topics, version) => {
    to.int32(0);
    to.array(topics, ({ name, id, error, message, partitions, replicas, configs }) => {
      to.text(name);
      if (version >= 7) writeTopicId(to, id);
      to.int16(error).text(message);
      if (version >= 5) {
        to.int32(partitions).int16(replicas);
        to.array(configs, (config) =>
          to.text(config.name).text(config.value).bool(false).int8(config.source).bool(false).tags(),
        );
      }
      to.tags();
    }).tags();
  },
  refuse: ({ topics }, error) => topics.map(({ name }) => ({ ...notMade(name), error, message: null })),
  handle: ({ topics, validateOnly }, { broker }) => {
    const twice = repeated(topics.map(({ name }) => name));
    return distinctBy(topics, ({ name }) => name).map((wanted) => {
      const { name } = wanted;
      let created = notMade(name);
      const outcome = outcomeOf(() => {
        if (twice.has(name)) throw new Refused(kafkaError.invalidRequest, 'Duplicate topic name.');
        const partitions = countOf(wanted, broker.settings.defaultPartitions);
        broker.topics.checkNew(name, partitions);
        checkPlaces(wanted, broker.node.id);
        const configs = checkedConfigs(wanted.configs);
        const id = validateOnly ? noTopicId : broker.topics.create(name, partitions, configs).id;
        created = { name, id, partitions, replicas: 1, configs: describedConfigs(configs) };
      });
      return { ...created, ...outcome };
    });
  },
};

const notMade = (name: string): Omit<Created, keyof Outcome> => ({
  name,
  id: noTopicId,
  partitions: -1,
  replicas: -1,
  configs: [],
});

function countOf({ partitions, assignments }: Wanted, fallback: number): number {
  if (assignments.length > 0) return assignments.length;
  return partitions === -1 ? fallback : partitions;
}
