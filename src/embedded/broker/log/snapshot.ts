import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProducersState } from './producers.ts';

/** Who had written up to an offset, so that a start need not look at all that was ever written. */
export interface Snapshot {
  readonly offset: number;
  /** Records before it were deleted. */
  readonly start: number;
  readonly state: ProducersState;
}

const fileIn = (folder: string): string => join(folder, 'producers.json');

/** One that is torn counts as none: then more is looked at. */
export function readSnapshot(folder: string): Snapshot | undefined {
  const file = fileIn(folder);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
  } catch {
    return undefined;
  }
}

export function writeSnapshot(folder: string, snapshot: Snapshot): void {
  const file = fileIn(folder);
  writeFileSync(`${file}.new`, JSON.stringify(snapshot));
  renameSync(`${file}.new`, file);
}
