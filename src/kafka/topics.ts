import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, type ConfigEntries, type KafkaConfig } from 'kafkajs';
import { DownlinkError } from '../errors.ts';
import { adminFailure } from './admin-failure.ts';

// Node finds only some of kafkajs' names, and not these, where they are imported by name; under Jest all would work.
const { ConfigResourceTypes, ConfigSource, Kafka } = kafkajs;

/** A topic as it should be. */
export interface DeclaredTopic {
  readonly name: string;
  readonly partitions: number;
  /** Left out: whatever the cluster's default makes. */
  readonly replication?: number | undefined;
  /** Under Kafka's own names. What is not named may be anything. */
  readonly config: Readonly<Record<string, string>>;
}

export interface Difference {
  readonly what: string;
  readonly declared: string;
  readonly found: string;
  /** Who can change it. */
  readonly by: 'apply' | 'a person';
  readonly because?: string;
}

export interface TopicPlan {
  readonly topic: DeclaredTopic;
  readonly state: 'missing' | 'same' | readonly Difference[];
}

export type Applied =
  | { readonly topic: string; readonly did: 'created' }
  | {
      readonly topic: string;
      readonly did: 'changed';
      readonly what: string;
      readonly from: string;
      readonly to: string;
    };

export interface Topics {
  /** What the cluster has, held against what is declared, in the order of the declaration. Changes nothing. */
  plan(declared: readonly DeclaredTopic[]): Promise<readonly TopicPlan[]>;
  /**
   * Creates what is missing and alters the settings that differ; all else is left to a person, and nothing is ever
   * deleted. `done` hears of each change as soon as it is made, so that a failure halfway hides nothing.
   */
  apply(plan: readonly TopicPlan[], done: (applied: Applied) => void): Promise<void>;
  close(): Promise<void>;
}

const visibleWithinMs = 10_000;

const reasons = {
  morePartitions: 'records of a key would change their partition, and state stays where it was',
  fewerPartitions: 'Kafka takes no partition away',
  replication: 'copies are moved with kafka-reassign-partitions',
  unknown: 'this Kafka has no such setting',
};

export async function openTopics(config: KafkaConfig): Promise<Topics> {
  const admin = new Kafka(config).admin();
  const coded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      throw adminFailure(thrown);
    }
  };
  try {
    await coded(() => admin.connect());
  } catch (error) {
    await admin.disconnect();
    throw error;
  }
  return {
    plan: (declared) => coded(() => planOf(admin, declared)),
    apply: (plan, done) =>
      coded(async () => {
        const missing = plan.filter(({ state }) => state === 'missing');
        if (missing.length > 0)
          await create(
            admin,
            missing.map(({ topic }) => topic),
            done,
          );
        for (const { topic, state } of plan)
          if (state !== 'same' && state !== 'missing') await alter(admin, topic, state, done);
      }),
    close: () => admin.disconnect(),
  };
}

async function planOf(admin: Admin, declared: readonly DeclaredTopic[]): Promise<readonly TopicPlan[]> {
  const there = new Set(await admin.listTopics());
  const names = declared.map(({ name }) => name).filter((name) => there.has(name));
  if (names.length === 0) return declared.map((topic) => ({ topic, state: 'missing' }));
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const configs = await settingsOf(admin, names);
  return declared.map((topic) => {
    const found = topics.find(({ name }) => name === topic.name);
    if (found === undefined) return { topic, state: 'missing' };
    const copies = [...new Set(found.partitions.map(({ replicas }) => replicas.length))].sort((a, b) => a - b);
    const differences = [
      ...partitionDifference(topic, found.partitions.length),
      ...replicationDifference(topic, copies),
      ...configDifferences(topic, configs.get(topic.name) ?? []),
    ];
    return { topic, state: differences.length === 0 ? 'same' : differences };
  });
}

async function settingsOf(admin: Admin, names: readonly string[]): Promise<Map<string, readonly ConfigEntries[]>> {
  const resources = names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name }));
  const described = await admin.describeConfigs({ includeSynonyms: false, resources });
  return new Map(described.resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
}

/**
 * More partitions are not applied either: an entity's records, checkpoint and score lie in the partition of one number,
 * and with another number of partitions new records of it would go elsewhere.
 */
function partitionDifference({ partitions }: DeclaredTopic, found: number): readonly Difference[] {
  if (partitions === found) return [];
  const because = partitions > found ? reasons.morePartitions : reasons.fewerPartitions;
  return [{ what: 'partitions', declared: String(partitions), found: String(found), by: 'a person', because }];
}

function replicationDifference({ replication }: DeclaredTopic, copies: readonly number[]): readonly Difference[] {
  if (replication === undefined || (copies.length === 1 && copies[0] === replication)) return [];
  const found = copies.join(' and ');
  return [{ what: 'replication', declared: String(replication), found, by: 'a person', because: reasons.replication }];
}

function configDifferences({ config }: DeclaredTopic, entries: readonly ConfigEntries[]): readonly Difference[] {
  return Object.entries(config).flatMap(([what, declared]): readonly Difference[] => {
    const entry = entries.find(({ configName }) => configName === what);
    if (entry === undefined) return [{ what, declared, found: 'none', by: 'a person', because: reasons.unknown }];
    // The effective value: one that is the cluster's default anyway is the same.
    const found = entry.configValue;
    return means(declared) === means(found) ? [] : [{ what, declared, found, by: 'apply' }];
  });
}

/** Values are text; the same list in another order, and the same number written otherwise, mean the same. */
function means(value: string): string {
  if (/^-?\d+\.\d+$/.test(value)) return String(Number(value));
  return value
    .split(',')
    .map((item) => item.trim())
    .sort()
    .join();
}

/** All in one request: of some that fail the others are made all the same. */
async function create(
  admin: Admin,
  declared: readonly DeclaredTopic[],
  done: (applied: Applied) => void,
): Promise<void> {
  const topics = declared.map(({ name, partitions, replication, config }) => ({
    topic: name,
    numPartitions: partitions,
    ...(replication === undefined ? {} : { replicationFactor: replication }),
    configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  }));
  const names = declared.map(({ name }) => name);
  const outcome = await admin.createTopics({ topics }).then(
    (created) => ({ created, failed: undefined, refused: [] as readonly string[] }),
    (thrown: unknown) => ({ created: true, failed: adminFailure(thrown), refused: refusedIn(thrown) }),
  );
  const { created, failed, refused } = outcome;
  if (!created)
    throw new DownlinkError('kafka-refused', `${names.join(', ')}: made by someone else since the plan; plan again`);
  if (failed !== undefined && refused.length === 0) throw failed;
  const made = names.filter((name) => !refused.includes(name));
  for (const topic of made) done({ topic, did: 'created' });
  // Else the next plan may be told by a broker that has not heard of it.
  await untilSeen(made.join(', '), async () => {
    const there = await admin.listTopics();
    return made.every((name) => there.includes(name));
  });
  if (failed !== undefined) throw failed;
}

/** The topics that an error of kafkajs is about, where it says so. */
function refusedIn(failed: unknown): readonly string[] {
  const { errors = [] } = Object(failed) as { readonly errors?: readonly { readonly topic?: string }[] };
  return errors.flatMap(({ topic }) => topic ?? []);
}

async function alter(
  admin: Admin,
  topic: DeclaredTopic,
  differences: readonly Difference[],
  done: (applied: Applied) => void,
): Promise<void> {
  const changes = differences.filter(({ by }) => by === 'apply');
  if (changes.length === 0) return;
  const entriesOf = async () => (await settingsOf(admin, [topic.name])).get(topic.name) ?? [];
  // kafkajs can only replace all of a topic's own settings at once, so those that nobody declared are sent along.
  const own = (await entriesOf()).filter(
    ({ configSource, readOnly }) => configSource === ConfigSource.TOPIC_CONFIG && !readOnly,
  );
  const values = new Map([
    ...own.map(({ configName, configValue }) => [configName, configValue] as const),
    ...changes.map(({ what, declared }) => [what, declared] as const),
  ]);
  const configEntries = [...values].map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic.name, configEntries }],
  });
  for (const { what, found, declared } of changes) {
    done({ topic: topic.name, did: 'changed', what, from: found, to: declared });
  }
  await untilSeen(topic.name, async () => {
    const left = configDifferences(topic, await entriesOf());
    return left.every(({ what }) => !changes.some((change) => change.what === what));
  });
}

/** The controller answers before every broker has heard of the change. */
async function untilSeen(name: string, seen: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + visibleWithinMs;
  while (!(await seen())) {
    if (Date.now() > deadline)
      throw new DownlinkError('kafka-unavailable', `${name}: the change is made, but a broker has not heard of it yet`);
    await delay(50);
  }
}
