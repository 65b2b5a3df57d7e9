import { changedConfigs, type ConfigChange } from '../topics/config-changes.ts';
import { alterResources, refusedAll, writeAltered, type Alterations, type Altered } from './alter-resources.ts';
import type { Api } from './api.ts';

// [type i8, resource, [config, operation i8, value?]], validate only bool -> throttle i32, [error i16, text?, type i8, resource]
export const incrementalAlterConfigs: Api<Alterations<ConfigChange>, readonly Altered[]> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  served: { min: 0, max: 1 },
  flexibleFrom: 1,
  read: (from) => {
    const change = (): ConfigChange =>
      from.struct(() => ({ name: from.string(), operation: from.int8(), value: from.text() }));
    const resources = from.array(() =>
      from.struct(() => ({ type: from.int8(), name: from.string(), configs: from.array(change) })),
    );
    return { resources, validateOnly: from.bool() };
  },
  write: writeAltered,
  refuse: refusedAll,
  handle: (request, { broker }) => alterResources(request, broker, changedConfigs),
};
