import { DownlinkError } from '../../errors.ts';
import type { TopicPartition } from '../cluster.ts';
import type { Chunk } from './chunk.ts';

/** A partition in the hands of a fetcher. */
export interface Reading {
  readonly partition: TopicPartition;
  /** Where the next fetch begins. */
  position: bigint;
  readonly until: bigint | undefined;
  maxBytes: number;
  /** Fetched and not yet taken; after an error nothing comes any more. */
  ahead: (Chunk | DownlinkError)[];
  /** Being asked for, or looked for, or resting after a failure. */
  busy: boolean;
  leader: number | undefined;
  open: boolean;
  wake: () => void;
}

export const bytesAhead = ({ ahead }: Reading): number =>
  ahead.reduce((sum, one) => sum + (one instanceof DownlinkError ? 0 : one.bytes), 0);

/** There is something to ask for, and room for it. */
export const isWanting = (reading: Reading, maxPartitionBytes: number): boolean =>
  reading.open &&
  !reading.busy &&
  !(reading.ahead.at(-1) instanceof DownlinkError) &&
  bytesAhead(reading) < maxPartitionBytes &&
  (reading.until === undefined || reading.position < reading.until);

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic} ${partition}`;

/** As few lists as there can be in which no partition stands twice. */
export function eachPartitionOnce(readings: readonly Reading[]): readonly (readonly Reading[])[] {
  const lists: Reading[][] = [];
  const times = new Map<string, number>();
  for (const reading of readings) {
    const key = keyOf(reading.partition);
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    (lists[before] ??= []).push(reading);
  }
  return lists;
}
