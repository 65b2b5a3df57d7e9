import { kafkaError, Refused } from '../errors.ts';
import { brokerConfigs, brokerNameOf } from '../topics/broker-configs.ts';
import { configSources, describedConfigs, isConfig, topicConfigs, type DescribedConfig } from '../topics/configs.ts';
import type { Api, Call } from './api.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { resourceTypes, topicNamed, type Resource } from './resource.ts';

type Wanted = Resource & { readonly names: readonly string[] | null };

interface Request {
  readonly resources: readonly Wanted[];
  readonly synonyms: boolean;
}

type Described = Resource & Outcome & { readonly configs: readonly DescribedConfig[] };

interface Response {
  readonly resources: readonly Described[];
  readonly synonyms: boolean;
}

// [type i8, resource, [config]?], synonyms bool, documentation bool (3+)
// -> throttle i32, [error i16, text?, type i8, resource,
//    [config, value?, read only bool, source i8, secret bool, [config, value?, source i8], type i8 (3+), documentation? (3+)]]
export const describeConfigs: Api<Request, Response> = {
  key: 32,
  name: 'DescribeConfigs',
  served: { min: 1, max: 4 },
  flexibleFrom: 4,
  read: (from, version) => {
    const resources = from.array(() =>
      from.struct(() => ({ type: from.int8(), name: from.string(), names: from.items(() => from.string()) })),
    );
    const synonyms = from.bool();
    if (version >= 3) from.bool();
    return { resources, synonyms };
  },
  write: (to, { resources, synonyms }, version) => {
    to.int32(0);
    to.array(resources, ({ error, message, type, name, configs }) => {
      to.int16(error).text(message).int8(type).text(name);
      to.array(configs, (config) => {
        to.text(config.name)
          .text(config.value)
          .bool(type === resourceTypes.broker)
          .int8(config.source)
          .bool(false);
        to.array(synonyms ? synonymsOf(config) : [], (one) =>
          to.text(one.name).text(one.value).int8(one.source).tags(),
        );
        if (version >= 3) to.int8(config.type).text(null);
        to.tags();
      }).tags();
    }).tags();
  },
  refuse: ({ resources, synonyms }, error) => ({
    synonyms,
    resources: resources.map(({ type, name }) => ({ type, name, error, message: null, configs: [] })),
  }),
  handle: ({ resources, synonyms }, { broker }) => ({
    synonyms,
    resources: resources.map((resource) => {
      const { type, name, names } = resource;
      let configs: readonly DescribedConfig[] = [];
      const outcome = outcomeOf(() => {
        configs = configsOf(resource, broker);
        // No names are all names, too.
        if (names !== null && names.length > 0) configs = configs.filter((one) => names.includes(one.name));
      });
      return { type, name, configs, ...outcome };
    }),
  }),
};

function configsOf({ type, name }: Resource, { topics, settings, node }: Call['broker']): readonly DescribedConfig[] {
  if (type === resourceTypes.topic) return describedConfigs(topicNamed(name, topics).configs);
  if (type !== resourceTypes.broker)
    throw new Refused(kafkaError.invalidRequest, `This broker has no configs for resources of the type ${type}.`);
  // What holds for all brokers: nothing was ever set for them.
  if (name === '') return [];
  if (name !== String(node.id))
    throw new Refused(
      kafkaError.invalidRequest,
      `Unexpected broker id, expected ${node.id} or empty string, but received ${name}`,
    );
  return brokerConfigs(settings, node.id);
}

/** Where the value comes from, and what would hold without it. */
function synonymsOf({
  name,
  value,
  source,
}: DescribedConfig): readonly Pick<DescribedConfig, 'name' | 'value' | 'source'>[] {
  if (!isConfig(name)) return [{ name, value, source }];
  const fallback = { name: brokerNameOf(name), value: topicConfigs[name].fallback, source: configSources.fallback };
  return source === configSources.fallback ? [fallback] : [{ name, value, source }, fallback];
}
