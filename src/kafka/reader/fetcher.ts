import type { KafkaConfig } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../../errors.ts';
import { fetch, type Fetched } from '../api/01-fetch.ts';
import { openCluster, type Cluster, type TopicPartition } from '../cluster.ts';
import { chunkOf, type Chunk } from './chunk.ts';
import { forbidden, offsetOf, refused } from './offsets.ts';

export interface FetcherOptions {
  readonly config: KafkaConfig;
  readonly committedOnly?: boolean;
  /** How long a broker may wait for more. */
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  /** Of one partition in one answer. A larger batch comes all the same, alone. */
  readonly maxPartitionBytes?: number;
  /** Of all partitions together: with so much fetched and not yet taken nothing more is fetched. */
  readonly maxAheadBytes?: number;
}

/** A partition that is read from a position on. It is fetched one chunk ahead of who reads it, and no further. */
export interface Source {
  readonly partition: TopicPartition;
  /** The next chunk. Fails with `position-outside-log`, `batch-corrupt` or `kafka-refused`; everything else is tried again. */
  next(): Promise<Chunk>;
  /** Goes on from here; what was fetched ahead is forgotten. */
  seek(offset: bigint): void;
  close(): void;
}

/** Reads any number of partitions, with one long poll per leader on a connection of its own. */
export interface Fetcher {
  /** Nothing is fetched from `until` on, where that is said. */
  open(partition: TopicPartition, from: bigint, until?: bigint): Source;
  readonly cluster: Cluster;
  close(): Promise<void>;
}

interface Reading {
  readonly partition: TopicPartition;
  position: bigint;
  readonly until: bigint | undefined;
  maxBytes: number;
  ahead: Chunk | DownlinkError | undefined;
  inFlight: boolean;
  open: boolean;
  wake: () => void;
}

export function openFetcher(options: FetcherOptions): Fetcher {
  const { config, committedOnly = true, maxWaitMs = 100, minBytes = 1 } = options;
  const { maxPartitionBytes = 1 << 20, maxAheadBytes = 64 << 20 } = options;
  const cluster = openCluster(config);
  const readings = new Set<Reading>();
  const polling = new Set<number>();
  let closed = false;

  /** Sends a fetch to every leader that has partitions to ask for and none under way. */
  const pump = async (): Promise<void> => {
    let ahead = 0;
    for (const reading of readings) ahead += bytesOf(reading.ahead);
    if (ahead >= maxAheadBytes) return;
    const wanting = [...readings].filter(isWanting);
    const byLeader = new Map<number, Reading[]>();
    for (const reading of wanting) {
      // One that has no leader now keeps nobody else waiting.
      const leader = await cluster.leaderOf(reading.partition).catch(fail);
      if (leader !== undefined) byLeader.set(leader, [...(byLeader.get(leader) ?? []), reading]);
    }
    for (const [leader, readers] of byLeader) {
      const ours = readers.filter(({ inFlight }) => !inFlight);
      if (!polling.has(leader) && ours.length > 0) poll(leader, ours).then(step, fail);
    }
  };
  const step = (): void => {
    if (!closed) pump().catch(fail);
  };
  const fail = (thrown: unknown): void => {
    const error = classify(thrown);
    if (closed) return;
    if (error.verdict === 'retry') delay(50).then(step, fail);
    // What is no matter of waiting every reader has to hear.
    else for (const reading of readings) settle(reading, error);
  };

  const poll = async (leader: number, ours: readonly Reading[]): Promise<void> => {
    polling.add(leader);
    const asked = new Map(ours.map((reading) => [keyOf(reading.partition), { reading, offset: reading.position }]));
    for (const reading of ours) reading.inFlight = true;
    try {
      const partitions = ours.map(({ partition, position, maxBytes }) => ({
        ...partition,
        offset: position,
        maxBytes,
      }));
      const request = { maxWaitMs, minBytes, maxBytes: 50 << 20, committedOnly, partitions };
      const answer = await cluster.send({ node: leader }, fetch, request, maxWaitMs + 5_000);
      let failed = answer.error;
      for (const fetched of answer.partitions) {
        const one = asked.get(keyOf(fetched));
        const error = one === undefined ? 0 : await take(one.reading, one.offset, fetched);
        if (error !== 0) failed = error;
      }
      if (failed !== 0) throw new DownlinkError('kafka-unavailable', `Fetch from broker ${leader}: error ${failed}`);
    } catch (thrown) {
      for (const { partition } of ours) cluster.forgetLeader(partition);
      throw thrown;
    } finally {
      for (const reading of ours) reading.inFlight = false;
      polling.delete(leader);
    }
  };

  const settle = (reading: Reading, result: Chunk | DownlinkError): void => {
    reading.ahead = result;
    reading.wake();
  };

  /** The error that is a matter of asking again after a pause; 0 where there is none. */
  const take = async (reading: Reading, asked: bigint, fetched: Fetched): Promise<number> => {
    // It was sought or closed while the answer was under way.
    if (!reading.open || reading.position !== asked) return 0;
    const { topic, partition, error } = fetched;
    if (error === outOfRange) settle(reading, await outside(reading));
    else if (forbidden.has(error)) settle(reading, refused(`reading ${topic} ${partition}`, error));
    else if (error !== 0) return error;
    else read(reading, asked, fetched);
    return 0;
  };

  const read = (reading: Reading, asked: bigint, fetched: Fetched): void => {
    try {
      const chunk = chunkOf(fetched, asked, committedOnly);
      if (chunk === 'cut') reading.maxBytes = largerThan(reading.maxBytes, fetched);
      else if (chunk !== undefined) settle(reading, chunk);
    } catch (thrown) {
      settle(reading, classify(thrown));
    }
  };

  const outside = async ({ partition, position }: Reading): Promise<DownlinkError> => {
    const [first, end] = await Promise.all([
      offsetOf(cluster, partition, 'earliest'),
      offsetOf(cluster, partition, 'latest', false),
    ]);
    const what = `${partition.topic} ${partition.partition}: position ${position} is outside the log, which holds ${first} to ${end}`;
    return new DownlinkError('position-outside-log', what);
  };

  const open = (partition: TopicPartition, from: bigint, until?: bigint): Source => {
    const reading: Reading = {
      partition,
      position: from,
      until,
      maxBytes: maxPartitionBytes,
      ahead: undefined,
      inFlight: false,
      open: true,
      wake: () => undefined,
    };
    readings.add(reading);
    step();
    const close = () => {
      reading.open = false;
      readings.delete(reading);
      reading.wake();
    };
    return {
      partition,
      close,
      seek: (offset) => {
        reading.position = offset;
        reading.ahead = undefined;
        step();
      },
      next: async () => {
        while (reading.ahead === undefined && reading.open) {
          await new Promise<void>((resolve) => (reading.wake = resolve));
        }
        const { ahead } = reading;
        if (ahead === undefined) throw new DownlinkError('kafka-unavailable', `${keyOf(partition)} is no longer read`);
        if (ahead instanceof DownlinkError) throw ahead;
        reading.position = ahead.position;
        reading.ahead = undefined;
        step();
        return ahead;
      },
    };
  };

  return {
    open,
    cluster,
    close: async () => {
      closed = true;
      for (const reading of readings) {
        reading.open = false;
        reading.wake();
      }
      readings.clear();
      await cluster.close();
    },
  };
}

const isWanting = ({ open, ahead, inFlight, position, until }: Reading): boolean =>
  open && ahead === undefined && !inFlight && (until === undefined || position < until);

const bytesOf = (ahead: Reading['ahead']): number =>
  ahead === undefined || ahead instanceof DownlinkError ? 0 : ahead.bytes;

/** Brokers cut batches where the limit of a fetch is, so what comes in pieces is asked for with more room. */
function largerThan(maxBytes: number, { topic, partition }: TopicPartition): number {
  if (maxBytes < 1 << 30) return 2 * maxBytes;
  throw new DownlinkError('batch-corrupt', `${topic} ${partition}: a batch that does not end within a GiB`);
}

const outOfRange = 1;
const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;
