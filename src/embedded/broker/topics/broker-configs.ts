import { limits } from '../limits.ts';
import type { Settings } from '../settings.ts';
import { configSources, configTypes, topicConfigs, type ConfigName, type DescribedConfig } from './configs.ts';

/** What a broker calls its default for a topic, where that is not `log.` and the topic's name for it. */
const otherNames: Readonly<Partial<Record<ConfigName, string>>> = {
  'segment.ms': 'log.roll.ms',
  'max.message.bytes': 'message.max.bytes',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'min.insync.replicas': 'min.insync.replicas',
  'compression.type': 'compression.type',
  'flush.ms': 'log.flush.interval.ms',
  'flush.messages': 'log.flush.interval.messages',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
};

export const brokerNameOf = (name: ConfigName): string => otherNames[name] ?? `log.${name}`;

type Entry = readonly [name: string, value: string | number | boolean, type: keyof typeof configTypes];

/** What Kafka has a setting for, and this broker always does like this. */
const fixed: readonly Entry[] = [
  ['default.replication.factor', 1, 'int'],
  ['delete.topic.enable', true, 'boolean'],
  ['group.max.session.timeout.ms', limits.longestSessionMs, 'int'],
  ['group.max.size', limits.mostMembers, 'int'],
  ['group.min.session.timeout.ms', limits.shortestSessionMs, 'int'],
  ['offset.metadata.max.bytes', limits.longestNote, 'int'],
  ['offsets.retention.minutes', limits.offsetsKeptMs / 60_000, 'int'],
  ['offsets.topic.replication.factor', 1, 'int'],
  ['producer.id.expiration.ms', limits.producerKeptMs, 'int'],
  ['transaction.max.timeout.ms', limits.longestTransactionMs, 'int'],
  ['transaction.state.log.replication.factor', 1, 'int'],
  ['transactional.id.expiration.ms', limits.transactionalIdKeptMs, 'int'],
];

/** How the broker is set, under Kafka's names. */
export function brokerConfigs(settings: Settings, node: number): readonly DescribedConfig[] {
  const given: readonly Entry[] = [
    ['auto.create.topics.enable', settings.autoCreateTopics, 'boolean'],
    ['broker.id', node, 'int'],
    ['node.id', node, 'int'],
    ['group.initial.rebalance.delay.ms', settings.initialRebalanceMs, 'int'],
    ['log.dirs', settings.folder, 'string'],
    ['max.connections', settings.maxConnections, 'int'],
    ['num.partitions', settings.defaultPartitions, 'int'],
    ['socket.request.max.bytes', settings.maxRequestBytes, 'int'],
    ['sasl.enabled.mechanisms', settings.users === undefined ? '' : 'PLAIN', 'list'],
    settings.fsync === 'each'
      ? ['log.flush.interval.messages', 1, 'long']
      : ['log.flush.interval.ms', settings.fsync, 'long'],
  ];
  const ofTopics = (Object.keys(topicConfigs) as ConfigName[]).map((name): Entry => {
    const { fallback, type } = topicConfigs[name];
    return [brokerNameOf(name), fallback, type];
  });
  const all = new Map<string, DescribedConfig>();
  for (const [source, entries] of [
    [configSources.fallback, [...ofTopics, ...fixed]],
    [configSources.broker, given],
  ] as const)
    for (const [name, value, type] of entries)
      all.set(name, { name, value: String(value), source, type: configTypes[type] });
  return [...all.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}
