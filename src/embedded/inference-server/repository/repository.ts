import { join } from 'node:path';
import { Refusal } from '../../../kserve/status.ts';
import type { Pool } from '../execution/pool.ts';
import { openVersion, type ServedVersion } from '../model/served-version.ts';
import { findVersion, isReady, notReady, type ModelEntry, type VersionEntry } from './entries.ts';
import { poll, type Overrides, type Polled } from './poll.ts';
import { foldersIn } from './scan.ts';

export interface IndexRow {
  readonly name: string;
  readonly version?: string;
  readonly state?: string;
  readonly reason?: string;
}

/** The models of a folder: which are served, in which versions, and why others are not. */
export interface Repository {
  /** Names that will be loaded: until that is tried, they are not ready, and not unknown. */
  expect(names: Iterable<string>): void;
  /** Throws a Refusal with the reason; what was served before goes on. */
  load(name: string, overrides?: Overrides): Promise<void>;
  unload(name: string): Promise<void>;
  index(readyOnly: boolean): Promise<readonly IndexRow[]>;
  find(name: string, version: string): ServedVersion;
  isReady(name: string, version: string): boolean;
  /** All that are served. */
  readonly served: readonly ServedVersion[];
  /** Models that were to be loaded and have no version that is ready. */
  readonly failed: readonly string[];
}

export interface RepositoryOptions {
  readonly folder: string;
  readonly pool: Pool;
  /** Things that a person should know and that stop nothing. */
  readonly warn: (text: string) => void;
}

const noOverrides: Overrides = { config: undefined, files: new Map() };
const drainPollMs = 10;
const unloaded = 'unloaded';

const statusWords: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: 'Invalid argument',
  INTERNAL: 'Internal',
  UNIMPLEMENTED: 'Unsupported',
  NOT_FOUND: 'Not found',
  UNAVAILABLE: 'Unavailable',
};

const reasonOf = (thrown: unknown): string => {
  if (!(thrown instanceof Refusal)) return `Internal: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return `${statusWords[thrown.status] ?? thrown.status}: ${thrown.message}`;
};

export function openRepository({ folder, pool, warn }: RepositoryOptions): Repository {
  const models = new Map<string, ModelEntry & { configStamp: string }>();
  const wanted = new Set<string>();
  const coming = new Set<string>();
  // Loads and unloads come one after the other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    // Who asked for it is told; the next in turn only waits for its end.
    last = mine.catch(() => undefined);
    return mine;
  };

  /** It answers what it has taken; then its memory is free. */
  const retire = (entry: VersionEntry, served: ServedVersion): void => {
    const look = (): void => {
      if (served.scheduler.pending > 0) {
        setTimeout(look, drainPollMs).unref();
        return;
      }
      served.close();
      if (entry.state !== 'UNLOADING') return;
      entry.state = 'UNAVAILABLE';
      entry.reason = unloaded;
      entry.served = undefined;
    };
    look();
  };
  const unloadVersion = (entry: VersionEntry): void => {
    if (entry.state !== 'READY' || entry.served === undefined) return;
    entry.state = 'UNLOADING';
    retire(entry, entry.served);
  };

  const pollOr = async (name: string, overrides: Overrides): Promise<Polled> => {
    try {
      return await poll(folder, name, overrides);
    } catch (thrown) {
      warn(`model ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      throw new Refusal('INTERNAL', `failed to load '${name}', failed to poll from model repository`);
    }
  };

  const load = async (name: string, overrides: Overrides): Promise<void> => {
    wanted.add(name);
    const polled = await pollOr(name, overrides);
    const { config, configStamp, files, versions, refused, unheeded } = polled;
    for (const field of unheeded) warn(`model ${name}: ${field} is not heeded by this server`);
    let model = models.get(name);
    if (model === undefined) models.set(name, (model = { name, versions: new Map(), configStamp }));
    if (versions.size === 0) {
      throw new Refusal(
        'INVALID_ARGUMENT',
        `load failed for model '${name}': at least one version must be available under the version policy of model '${name}'\n`,
      );
    }
    const same = model.configStamp === configStamp;
    const opened = new Map<number, VersionEntry>();
    let failures = '';
    for (const [version, stamp] of versions) {
      const old = model.versions.get(version);
      if (same && old?.state === 'READY' && old.stamp === stamp) continue;
      const loading: VersionEntry = { state: 'LOADING', reason: '', served: undefined, stamp };
      if (old?.state !== 'READY') model.versions.set(version, loading);
      try {
        if (refused.length > 0)
          throw new Refusal(
            'UNIMPLEMENTED',
            `${refused.join(', ')} of the model configuration is not supported by this server`,
          );
        loading.served = await openVersion({ config, name, version, folder: join(folder, name), files }, pool);
        loading.state = 'READY';
        opened.set(version, loading);
      } catch (thrown) {
        loading.state = 'UNAVAILABLE';
        loading.reason = reasonOf(thrown);
        failures += `version ${version} is at UNAVAILABLE state: ${loading.reason};\n`;
      }
    }
    if (failures !== '') {
      // All or nothing: what was served before goes on.
      for (const [version, entry] of opened) {
        entry.served?.close();
        if (model.versions.get(version) === entry) model.versions.delete(version);
      }
      throw new Refusal('INVALID_ARGUMENT', `load failed for model '${name}': ${failures}`);
    }
    model.configStamp = configStamp;
    for (const [version, entry] of [...model.versions]) {
      const fresh = opened.get(version);
      if (fresh !== undefined && fresh !== entry && entry.served !== undefined) retire(entry, entry.served);
      if (!versions.has(version)) unloadVersion(entry);
    }
    for (const [version, entry] of opened) model.versions.set(version, entry);
  };

  return {
    expect: (names) => {
      for (const name of names) coming.add(name);
    },
    load: (name, overrides = noOverrides) => inTurn(() => load(name, overrides).finally(() => coming.delete(name))),
    unload: (name) =>
      inTurn(() => {
        wanted.delete(name);
        for (const entry of models.get(name)?.versions.values() ?? []) unloadVersion(entry);
        return Promise.resolve();
      }),
    index: async (readyOnly) => {
      const names = new Set([...models.keys(), ...(await foldersIn(folder))]);
      return [...names].sort().flatMap((name): readonly IndexRow[] => {
        const model = models.get(name);
        if (model === undefined) return readyOnly ? [] : [{ name }];
        return [...model.versions]
          .filter(([, { state }]) => !readyOnly || state === 'READY')
          .sort(([a], [b]) => a - b)
          .map(([version, { state, reason }]) => ({
            name,
            version: String(version),
            state,
            ...(reason === '' ? {} : { reason }),
          }));
      });
    },
    find: (name, version) => {
      const model = models.get(name);
      // A real Triton does not listen before; a client must not take it for a model that is missing.
      if (coming.has(name) && !isReady(model, version)) throw notReady(`'${name}'`);
      return findVersion(model, name, version);
    },
    isReady: (name, version) => isReady(models.get(name), version),
    get served() {
      return [...models.values()].flatMap(({ versions }) =>
        [...versions.values()].flatMap(({ state, served }) =>
          state === 'READY' && served !== undefined ? [served] : [],
        ),
      );
    },
    get failed() {
      return [...wanted].filter((name) => !isReady(models.get(name), '')).sort();
    },
  };
}
