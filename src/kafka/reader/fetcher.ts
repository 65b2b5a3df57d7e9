import type { KafkaConfig } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../../errors.ts';
import { fetch, type Fetched } from '../api/01-fetch.ts';
import { openCluster, type Cluster, type TopicPartition } from '../cluster.ts';
import { chunkOf, endlessChunk, type Chunk } from './chunk.ts';
import type { OnCorrupt } from './corrupt.ts';
import { forbidden, offsetOf, refused } from './offsets.ts';

export interface FetcherOptions {
  readonly config: KafkaConfig;
  readonly committedOnly?: boolean;
  /** How long a broker may wait for more, where it has nothing. */
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  /** Of one partition in one answer, and fetched ahead of who reads it. A larger batch comes all the same, alone. */
  readonly maxPartitionBytes?: number;
  /** Of all partitions together: with so much fetched and not yet taken nothing more is fetched. */
  readonly maxAheadBytes?: number;
  /** `fail` unless said; what is good before a damaged batch comes first either way. */
  readonly corrupt?: OnCorrupt;
}

/** A partition that is read from a position on. */
export interface Source {
  readonly partition: TopicPartition;
  /** The next chunk. Fails with `position-outside-log`, `batch-corrupt` or `kafka-refused`; everything else is tried again. */
  next(): Promise<Chunk>;
  /** Goes on from here; what was fetched ahead is forgotten. */
  seek(offset: bigint): void;
  close(): void;
}

/**
 * Reads any number of partitions, with one long poll per leader on a connection of its own. A partition that has something
 * to ask for while that poll waits gets a second one: it must not wait for partitions in which nothing happens.
 */
export interface Fetcher {
  /** Nothing is fetched from `until` on, where that is said. */
  open(partition: TopicPartition, from: bigint, until?: bigint): Source;
  readonly cluster: Cluster;
  close(): Promise<void>;
}

interface Reading {
  readonly partition: TopicPartition;
  /** Where the next fetch begins. */
  position: bigint;
  readonly until: bigint | undefined;
  maxBytes: number;
  /** Fetched and not yet taken; after an error nothing comes any more. */
  ahead: (Chunk | DownlinkError)[];
  inFlight: boolean;
  open: boolean;
  wake: () => void;
}

interface Poll {
  readonly cluster: Cluster;
  /** Who is being asked. */
  readonly leaders: Set<number>;
}

export function openFetcher(options: FetcherOptions): Fetcher {
  const { config, committedOnly = true, maxWaitMs = 500, minBytes = 1, corrupt = 'fail' } = options;
  const { maxPartitionBytes = 1 << 20, maxAheadBytes = 64 << 20 } = options;
  const cluster = openCluster(config);
  const polls: readonly Poll[] = [
    { cluster, leaders: new Set() },
    { cluster: openCluster(config), leaders: new Set() },
  ];
  const readings = new Set<Reading>();
  let closed = false;

  const isWanting = ({ open: isOpen, ahead, inFlight, position, until }: Reading): boolean =>
    isOpen &&
    !inFlight &&
    !(ahead.at(-1) instanceof DownlinkError) &&
    bytesOf(ahead) < maxPartitionBytes &&
    (until === undefined || position < until);

  /** Sends a fetch to every leader that has partitions to ask for and a poll to spare. */
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
      const free = polls.find(({ leaders }) => !leaders.has(leader));
      if (free !== undefined && ours.length > 0) poll(free, leader, ours).then(step, fail);
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

  const poll = async (through: Poll, leader: number, ours: readonly Reading[]): Promise<void> => {
    through.leaders.add(leader);
    const asked = new Map(ours.map((reading) => [keyOf(reading.partition), { reading, offset: reading.position }]));
    for (const reading of ours) reading.inFlight = true;
    try {
      const partitions = ours.map(({ partition, position, maxBytes }) => ({
        ...partition,
        offset: position,
        maxBytes,
      }));
      const request = { maxWaitMs, minBytes, maxBytes: 50 << 20, committedOnly, partitions };
      const answer = await through.cluster.send({ node: leader }, fetch, request, maxWaitMs + 5_000);
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
      through.leaders.delete(leader);
    }
  };

  const settle = (reading: Reading, result: Chunk | DownlinkError): void => {
    reading.ahead.push(result);
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
      const found = chunkOf(fetched, asked, committedOnly, corrupt);
      // Brokers cut batches where the limit of a fetch is, so what comes in pieces is asked for with more room.
      if (found === 'cut' && reading.maxBytes < 1 << 30) reading.maxBytes *= 2;
      else if (found !== undefined) {
        const chunk = found === 'cut' ? endlessChunk(fetched, asked, corrupt) : found;
        if (found === 'cut') reading.maxBytes = maxPartitionBytes;
        reading.position = chunk.position;
        settle(reading, chunk);
      }
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
      ahead: [],
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
        reading.ahead = [];
        step();
      },
      next: async () => {
        while (reading.ahead.length === 0 && reading.open) {
          await new Promise<void>((resolve) => (reading.wake = resolve));
        }
        const [chunk] = reading.ahead;
        if (chunk === undefined || !reading.open) {
          throw new DownlinkError('kafka-unavailable', `${keyOf(partition)} is no longer read`);
        }
        // It stays, for whoever asks once more.
        if (chunk instanceof DownlinkError) throw chunk;
        reading.ahead.shift();
        step();
        return chunk;
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
      await Promise.all(polls.map((one) => one.cluster.close()));
    },
  };
}

const bytesOf = (ahead: Reading['ahead']): number =>
  ahead.reduce((sum, one) => sum + (one instanceof DownlinkError ? 0 : one.bytes), 0);

const outOfRange = 1;
const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;
