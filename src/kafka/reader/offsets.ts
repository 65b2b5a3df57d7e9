import { DownlinkError } from '../../errors.ts';
import { earliest, latest, listOffsets } from '../api/02-list-offsets.ts';
import { offsetFetch } from '../api/09-offset-fetch.ts';
import type { Cluster, TopicPartition } from '../cluster.ts';
import { persist } from '../persist.ts';

export type Place = 'earliest' | 'latest' | { readonly timestamp: number };

/** The offset of a place in the log; of `latest` and of a time after the last record it is the end. */
export async function offsetOf(
  cluster: Cluster,
  partition: TopicPartition,
  place: Place,
  committedOnly = true,
): Promise<bigint> {
  const at = place === 'earliest' ? earliest : place === 'latest' ? latest : BigInt(place.timestamp);
  const what = `the ${typeof place === 'string' ? place : 'timed'} offset of ${partition.topic} ${partition.partition}`;
  const found = await persist(what, Date.now() + 30_000, async () => {
    const request = { committedOnly, partitions: [{ ...partition, at }] };
    const [answer] = await cluster.send({ leaderOf: partition }, listOffsets, request).catch((thrown: unknown) => {
      cluster.forgetLeader(partition);
      throw thrown;
    });
    if (answer?.error === 0) return answer.offset;
    if (answer !== undefined && forbidden.has(answer.error)) throw refused(what, answer.error);
    cluster.forgetLeader(partition);
    return 'again' as const;
  });
  return found === -1n ? offsetOf(cluster, partition, 'latest', committedOnly) : found;
}

/** TOPIC_, GROUP_ and CLUSTER_AUTHORIZATION_FAILED: asking again does not help. */
export const forbidden: ReadonlySet<number> = new Set([29, 30, 31]);
export const refused = (what: string, error: number) => new DownlinkError('kafka-refused', `${what}: error ${error}`);

/** A position, with what was written beside it. */
export interface Committed {
  readonly offset: bigint;
  readonly note: string;
}

/**
 * What a group has committed, undefined where nothing was. Stable: an offset in an open transaction is waited for.
 * Without a fence of the transaction's owner before it, the answer can be old all the same.
 */
export async function committedPosition(
  cluster: Cluster,
  group: string,
  partition: TopicPartition,
  deadlineMs = 30_000,
): Promise<Committed | undefined> {
  const what = `the committed offset of ${group} in ${partition.topic} ${partition.partition}`;
  const target = { coordinator: 'group', key: group } as const;
  const forget = () => {
    cluster.forgetCoordinator('group', group);
  };
  const attempt = async () => {
    const { error, offsets } = await cluster.send(target, offsetFetch, { group, partitions: [partition] });
    const [found] = offsets;
    const code = error === 0 ? (found?.error ?? -1) : error;
    if (code === 0 && found !== undefined) return found;
    if (forbidden.has(code)) throw refused(what, code);
    if (code !== unstable) forget();
    return 'again' as const;
  };
  const { offset, note } = await persist(what, Date.now() + deadlineMs, attempt, forget);
  if (offset >= -1n) return offset === -1n ? undefined : { offset, note };
  // kafkajs commits the literal -2 where a position has left the log: it is no "none", records were jumped over.
  throw new DownlinkError('position-outside-log', `${what} is ${offset}, which no reader of downlink commits`);
}

export const committedOffset = async (...place: Parameters<typeof committedPosition>): Promise<bigint | undefined> =>
  (await committedPosition(...place))?.offset;

/** UNSTABLE_OFFSET_COMMIT: it stands in a transaction that is still open. */
const unstable = 88;
