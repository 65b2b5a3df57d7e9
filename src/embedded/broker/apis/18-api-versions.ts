import { Writing } from '../codec.ts';
import { kafkaError } from '../errors.ts';
import type { AnyApi, Api, Range } from './api.ts';

interface Offered extends Range {
  readonly key: number;
}

interface Versions {
  readonly error: number;
  readonly apis: readonly Offered[];
}

interface Client {
  readonly name: string;
  readonly version: string;
}

/** What clients speak KIP-890 for. */
const feature = { name: 'transaction.version', min: 0, max: 2, agreed: 2 };

const own = { key: 18, name: 'ApiVersions', served: { min: 0, max: 4 }, flexibleFrom: 3 } as const;

const legal = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

// client's name and version (3+)
// -> error i16, [key i16, min i16, max i16], throttle i32 (1+), tags (3+): 0 [feature, min i16, max i16], 1 epoch i64, 2 [feature, max i16, min i16]
/** Made of all the others. The header of its answer is the oldest one in every version. */
export function apiVersionsOf(others: readonly AnyApi[]): Api<Client | undefined, Versions> {
  const apis = [...others, own]
    .map(({ key, served, advertised = served }: Pick<AnyApi, 'key' | 'served' | 'advertised'>) => ({
      key,
      ...advertised,
    }))
    .sort((one, other) => one.key - other.key);
  return {
    ...own,
    read: (from, version) => (version >= 3 ? { name: from.string(), version: from.string() } : undefined),
    write: (to, versions, version) => {
      to.int16(versions.error).array(versions.apis, ({ key, min, max }) => to.int16(key).int16(min).int16(max).tags());
      if (version >= 1) to.int32(0);
      const { name, min, max, agreed } = feature;
      const tags: Parameters<typeof to.tags>[0] = [
        [1, (tag) => tag.int64(0n)],
        [2, (tag) => tag.array([feature], () => tag.text(name).int16(agreed).int16(agreed).tags())],
      ];
      // Before 4 the lowest version of a feature could not be 0.
      const supported = (tag: Writing): Writing =>
        tag.array([feature], () => tag.text(name).int16(min).int16(max).tags());
      to.tags(version >= 4 ? [[0, supported], ...tags] : tags);
    },
    refuse: (_, error) => ({ error, apis: [] }),
    handle: (client) => {
      const sound = client === undefined || (legal.test(client.name) && legal.test(client.version));
      return sound ? { error: kafkaError.none, apis } : { error: kafkaError.invalidRequest, apis: [] };
    },
  };
}

/** What is answered to versions to come, as the first version, which everybody reads: the client asks again with one of these. */
export function unsupported(): Writing {
  const answer = new Writing(false).int16(kafkaError.unsupportedVersion);
  return answer.array([own], ({ key, served }) => answer.int16(key).int16(served.min).int16(served.max));
}
