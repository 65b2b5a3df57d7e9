import type { Clock } from './clock.ts';
import type { Sink } from './wiring.ts';

/**
 * How far back a lane has to begin because the program that it writes to may have forgotten what it took last. Beside each
 * committed position stands up to where all is safe there; from that on it is written again, by whoever owns the
 * partition next, or by this lane once the program is found to have forgotten.
 */
export interface Safe {
  /** All before this position was written. */
  wrote(position: bigint): void;
  /** What to write beside the next committed position. */
  readonly note: string;
}

export function openSafe(sink: Sink<never>['forgetful'], clock: Clock, from: bigint): Safe | undefined {
  if (sink === undefined) return undefined;
  const written: { readonly position: bigint; readonly at: number }[] = [];
  let safe = from;
  return {
    wrote: (position) => {
      const before = sink.safeBefore();
      while ((written[0]?.at ?? Infinity) < before) safe = written.shift()?.position ?? safe;
      written.push({ position, at: clock.now() });
    },
    get note() {
      return `${noted}${safe}`;
    },
  };
}

const noted = 'safe=';

/** Where to begin: never behind what is committed, and not where the log does not reach any more. */
export function beginAt(committed: { readonly offset: bigint; readonly note: string }, first: bigint): bigint {
  const { offset, note } = committed;
  const safe = /^safe=(\d+)$/.exec(note)?.[1];
  if (safe === undefined || BigInt(safe) >= offset || first >= offset) return offset;
  return BigInt(safe) > first ? BigInt(safe) : first;
}
