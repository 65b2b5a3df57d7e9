import { kafkaError, Refused } from '../errors.ts';

/** What can be said of a topic; what is not said is as here. Values are texts, as Kafka has them. */
export const topicConfigs = {
  'cleanup.policy': { fallback: 'delete', type: 'list', fits: /^(delete|compact|(compact,delete)|(delete,compact))?$/ },
  'retention.ms': { fallback: '604800000', type: 'long', fits: /^-?\d+$/ },
  'retention.bytes': { fallback: '-1', type: 'long', fits: /^-?\d+$/ },
  'segment.bytes': { fallback: '1073741824', type: 'int', fits: /^\d+$/ },
  'segment.ms': { fallback: '604800000', type: 'long', fits: /^\d+$/ },
  'max.message.bytes': { fallback: '1048588', type: 'int', fits: /^\d+$/ },
  'message.timestamp.type': { fallback: 'CreateTime', type: 'string', fits: /^(CreateTime|LogAppendTime)$/ },
  'message.timestamp.after.max.ms': { fallback: '3600000', type: 'long', fits: /^\d+$/ },
  'message.timestamp.before.max.ms': { fallback: '9223372036854775807', type: 'long', fits: /^\d+$/ },
  'min.cleanable.dirty.ratio': { fallback: '0.5', type: 'double', fits: /^(0(\.\d+)?|1(\.0+)?)$/ },
  'min.compaction.lag.ms': { fallback: '0', type: 'long', fits: /^\d+$/ },
  'max.compaction.lag.ms': { fallback: '9223372036854775807', type: 'long', fits: /^\d+$/ },
  'delete.retention.ms': { fallback: '86400000', type: 'long', fits: /^\d+$/ },
  'file.delete.delay.ms': { fallback: '60000', type: 'long', fits: /^\d+$/ },
  'min.insync.replicas': { fallback: '1', type: 'int', fits: /^\d+$/ },
  'compression.type': { fallback: 'producer', type: 'string', fits: /^producer$/ },
  'flush.ms': { fallback: '9223372036854775807', type: 'long', fits: /^\d+$/ },
  'flush.messages': { fallback: '9223372036854775807', type: 'long', fits: /^\d+$/ },
  'unclean.leader.election.enable': { fallback: 'false', type: 'boolean', fits: /^(true|false)$/ },
} as const;

export type ConfigName = keyof typeof topicConfigs;
export type Configs = Readonly<Partial<Record<ConfigName, string>>>;

/** Kafka's numbers of the types. */
export const configTypes = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

export const isConfig = (name: string): name is ConfigName => Object.hasOwn(topicConfigs, name);

export const valueOf = (configs: Configs, name: ConfigName): string => configs[name] ?? topicConfigs[name].fallback;

/** What a client wants to be set, or what is wrong with it. */
export function checkedConfigs(wanted: readonly (readonly [name: string, value: string | null])[]): Configs {
  const configs: Partial<Record<ConfigName, string>> = {};
  for (const [name, value] of wanted) {
    if (!isConfig(name)) throw new Refused(kafkaError.invalidConfig, `Unknown topic config name: ${name}`);
    if (value === null)
      throw new Refused(kafkaError.invalidConfig, `Null value not supported for topic configs: ${name}`);
    if (!topicConfigs[name].fits.test(value))
      throw new Refused(kafkaError.invalidConfig, `Invalid value ${value} for configuration ${name}`);
    configs[name] = value;
  }
  return configs;
}

/** Kafka's numbers of where a value comes from. */
export const configSources = { topic: 1, broker: 4, fallback: 5 } as const;

export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly source: number;
  readonly type: number;
}

/** All that holds for a topic. */
export const describedConfigs = (configs: Configs): readonly DescribedConfig[] =>
  (Object.keys(topicConfigs) as ConfigName[]).map((name) => ({
    name,
    value: valueOf(configs, name),
    source: configs[name] === undefined ? configSources.fallback : configSources.topic,
    type: configTypes[topicConfigs[name].type],
  }));
