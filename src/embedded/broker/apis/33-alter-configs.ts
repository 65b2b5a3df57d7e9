import { kafkaError, Refused } from '../errors.ts';
import { checkedConfigs } from '../topics/configs.ts';
import { alterResources, refusedAll, writeAltered, type Alterations, type Altered } from './alter-resources.ts';
import type { Api } from './api.ts';

interface Config {
  readonly name: string;
  readonly value: string | null;
}

// [type i8, resource, [config, value?]], validate only bool -> throttle i32, [error i16, text?, type i8, resource]
export const alterConfigs: Api<Alterations<Config>, readonly Altered[]> = {
  key: 33,
  name: 'AlterConfigs',
  served: { min: 0, max: 2 },
  flexibleFrom: 2,
  read: (from) => {
    const config = (): Config => from.struct(() => ({ name: from.string(), value: from.text() }));
    const resources = from.array(() =>
      from.struct(() => ({ type: from.int8(), name: from.string(), configs: from.array(config) })),
    );
    return { resources, validateOnly: from.bool() };
  },
  write: writeAltered,
  refuse: refusedAll,
  handle: (request, { broker }) =>
    // What is not mentioned is as if it had never been set.
    alterResources(request, broker, (_, wanted) => {
      const nothing = wanted.filter(({ value }) => value === null).map(({ name }) => name);
      if (nothing.length > 0)
        throw new Refused(kafkaError.invalidRequest, `Null value not supported for : ${nothing.join(', ')}`);
      return checkedConfigs(wanted.map(({ name, value }) => [name, value]));
    }),
};
