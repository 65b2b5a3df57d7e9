import { Refusal } from '../../../kserve/status.ts';
import type { ServedVersion } from '../model/served-version.ts';

export type State = 'LOADING' | 'READY' | 'UNLOADING' | 'UNAVAILABLE';

/** A version of a model, as the index shows it. */
export interface VersionEntry {
  state: State;
  /** Why it is not there. */
  reason: string;
  served: ServedVersion | undefined;
  readonly stamp: string;
}

export interface ModelEntry {
  readonly name: string;
  readonly versions: Map<number, VersionEntry>;
}

/** -1: the newest that is ready. */
export function versionNumber(text: string): number {
  if (text === '') return -1;
  const digits = /^\s*[+-]?\d+/.exec(text)?.[0];
  if (digits === undefined) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `failed to get model version from specified version string '${text}' (details: stol), version should be an integral value > 0`,
    );
  }
  const number = Number(digits);
  if (number <= 0 || number > Number.MAX_SAFE_INTEGER) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `invalid model version specified '${text}' , version should be an integral value > 0`,
    );
  }
  return number;
}

const unknown = (says: string): string => `Request for unknown model: ${says}`;

export const notReady = (what: string): Refusal => new Refusal('UNAVAILABLE', unknown(`${what} is not at ready state`));

/** The version that is to answer a request. */
export function findVersion(model: ModelEntry | undefined, name: string, version: string): ServedVersion {
  const number = versionNumber(version);
  if (model === undefined) throw new Refusal('NOT_FOUND', unknown(`'${name}' is not found`));
  if (number === -1) {
    const newest = newestReady(model);
    if (newest === undefined) throw new Refusal('NOT_FOUND', unknown(`'${name}' has no available versions`));
    return newest;
  }
  const entry = model.versions.get(number);
  if (entry === undefined) throw new Refusal('NOT_FOUND', unknown(`'${name}' version ${number} is not found`));
  if (entry.state !== 'READY' || entry.served === undefined) {
    throw notReady(`'${name}' version ${number}`);
  }
  return entry.served;
}

function newestReady({ versions }: ModelEntry): ServedVersion | undefined {
  let [newest, found]: [number, ServedVersion | undefined] = [-1, undefined];
  for (const [number, { state, served }] of versions) {
    if (state === 'READY' && number > newest) [newest, found] = [number, served];
  }
  return found;
}

export function isReady(model: ModelEntry | undefined, version: string): boolean {
  const number = versionNumber(version);
  if (model === undefined) return false;
  if (number === -1) return newestReady(model) !== undefined;
  return model.versions.get(number)?.state === 'READY';
}
