import { kafkaError } from '../errors.ts';
import type { Api, Call } from './api.ts';

interface Request {
  readonly kind: number;
  readonly keys: readonly string[];
}

interface Found {
  readonly key: string;
  readonly node: Call['broker']['node'];
  readonly error: number;
}

const group = 0;
const transaction = 1;
const nowhere = { id: -1, host: '', port: -1 };

// key (..3), kind i8 (1+), [key] (4+)
// -> throttle i32 (1+), then ..3: error i16, text? (1+), node i32, host, port i32; 4+: [key, node i32, host, port i32, error i16, text?]
export const findCoordinator: Api<Request, readonly Found[]> = {
  key: 10,
  name: 'FindCoordinator',
  served: { min: 0, max: 6 },
  flexibleFrom: 3,
  read: (from, version) => {
    const key = version <= 3 ? from.string() : '';
    const kind = version >= 1 ? from.int8() : group;
    return { kind, keys: version >= 4 ? from.array(() => from.string()) : [key] };
  },
  write: (to, all, version) => {
    if (version >= 1) to.int32(0);
    if (version >= 4)
      to.array(all, ({ key, node, error }) => {
        to.text(key).int32(node.id).text(node.host).int32(node.port).int16(error).text(null).tags();
      });
    else
      for (const { node, error } of all) {
        to.int16(error);
        if (version >= 1) to.text(null);
        to.int32(node.id).text(node.host).int32(node.port);
      }
    to.tags();
  },
  refuse: ({ keys }, error) => keys.map((key) => ({ key, node: nowhere, error })),
  handle: ({ kind, keys }, { broker: { node } }) =>
    // There is one node, so everything is with it; of share groups there are none.
    kind === group || kind === transaction
      ? keys.map((key) => ({ key, node, error: kafkaError.none }))
      : keys.map((key) => ({ key, node: nowhere, error: kafkaError.invalidRequest })),
};
