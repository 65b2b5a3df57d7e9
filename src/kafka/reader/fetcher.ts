import type { KafkaConfig } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../../errors.ts';
import { fetch, type Fetched } from '../api/01-fetch.ts';
import { openCluster, type Cluster, type TopicPartition } from '../cluster.ts';
import { chunkOf, endlessChunk, type Chunk } from './chunk.ts';
import type { OnCorrupt } from './corrupt.ts';
import { forbidden, offsetOf, refused } from './offsets.ts';
import { newPoll, type Poll } from './poll.ts';
import { bytesAhead, eachPartitionOnce, isWanting, keyOf, type Reading } from './reading.ts';

export interface FetcherOptions {
  readonly config: KafkaConfig;
  readonly committedOnly?: boolean;
  /** How long a broker may wait for more, where it has nothing. */
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  /**
   * A broker that has answered with all that it had is left alone for so long: many small answers cost more than what is in
   * them. What comes later than that comes at once. Left out: no pause.
   */
  readonly paceMs?: number;
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
 * to ask for while that poll waits gets a second one: it must not wait for partitions in which nothing happens. A request can
 * ask for a partition once only, so several who read the same one need as many polls.
 */
export interface Fetcher {
  /** Nothing is fetched from `until` on, where that is said. */
  open(partition: TopicPartition, from: bigint, until?: bigint): Source;
  readonly cluster: Cluster;
  close(): Promise<void>;
}

export function openFetcher(options: FetcherOptions): Fetcher {
  const { config, committedOnly = true, maxWaitMs = 500, minBytes = 1, paceMs = 0, corrupt = 'fail' } = options;
  const { maxPartitionBytes = 1 << 20, maxAheadBytes = 64 << 20 } = options;
  const cluster = openCluster(config);
  const polls: Poll[] = [];
  const readings = new Set<Reading>();
  let closed = false;

  let stepping = false;
  /** Looks what is to be asked for. What happens at one time is looked at once. */
  const step = (): void => {
    if (stepping) return;
    stepping = true;
    setImmediate(() => {
      stepping = false;
      if (!closed) pump();
    });
  };

  /** Sends a fetch to every leader that has partitions to ask for and a poll to spare. */
  const pump = (): void => {
    let ahead = 0;
    for (const reading of readings) ahead += bytesAhead(reading);
    if (ahead >= maxAheadBytes) return;
    const byLeader = new Map<number, Reading[]>();
    for (const reading of readings) {
      if (!isWanting(reading, maxPartitionBytes)) continue;
      if (reading.leader === undefined) work([reading], findLeader(reading));
      else byLeader.set(reading.leader, [...(byLeader.get(reading.leader) ?? []), reading]);
    }
    for (const [leader, ours] of byLeader) {
      for (const one of eachPartitionOnce(ours)) {
        const free = freePoll(leader);
        if (free !== undefined) work(one, poll(free, leader, one));
      }
    }
  };

  /** For all who read the same partition one each, and one more. */
  const freePoll = (leader: number): Poll | undefined => {
    const free = polls.find(({ leaders }) => !leaders.has(leader));
    if (free !== undefined || polls.length > eachPartitionOnce([...readings]).length) return free;
    const another = newPoll(config);
    polls.push(another);
    return another;
  };

  /** A partition is busy with one thing at a time, its pause after a failure too, so that an outage makes no storm. */
  const work = (ours: readonly Reading[], doing: Promise<void>): void => {
    for (const reading of ours) reading.busy = true;
    const rest = async (thrown: unknown): Promise<void> => {
      const error = classify(thrown);
      for (const reading of ours) {
        cluster.forgetLeader(reading.partition);
        reading.leader = undefined;
        if (error.verdict !== 'retry') settle(reading, error);
      }
      if (error.verdict === 'retry') await delay(50 + Math.random() * 150);
    };
    void doing.catch(rest).finally(() => {
      for (const reading of ours) reading.busy = false;
      step();
    });
  };

  const findLeader = async (reading: Reading): Promise<void> => {
    reading.leader = await cluster.leaderOf(reading.partition);
  };

  const poll = async (through: Poll, leader: number, ours: readonly Reading[]): Promise<void> => {
    through.leaders.add(leader);
    try {
      const early = (through.pausedUntil.get(leader) ?? 0) - performance.now();
      if (early > 0) await delay(early);
      const asked = new Map(ours.map((reading) => [keyOf(reading.partition), { reading, offset: reading.position }]));
      const partitions = ours.map(({ partition, position: offset, maxBytes }) => ({ ...partition, offset, maxBytes }));
      const request = { maxWaitMs, minBytes, maxBytes: 50 << 20, committedOnly, partitions };
      const answer = await through.cluster.send({ node: leader }, fetch, request, maxWaitMs + 5_000);
      let failed = answer.error;
      let [some, more] = [false, false];
      for (const fetched of answer.partitions) {
        const one = asked.get(keyOf(fetched));
        const error = one === undefined ? 0 : await take(one.reading, one.offset, fetched);
        if (error !== 0) failed = error;
        if (fetched.records.length > 0) some = true;
        const end = committedOnly ? fetched.lastStable : fetched.highWatermark;
        if (one !== undefined && one.reading.position < end) more = true;
      }
      if (some && !more) through.pausedUntil.set(leader, performance.now() + paceMs);
      if (failed !== 0) throw new DownlinkError('kafka-unavailable', `Fetch from broker ${leader}: error ${failed}`);
    } finally {
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
      busy: false,
      leader: undefined,
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
      await Promise.all([cluster, ...polls.map((one) => one.cluster)].map((one) => one.close()));
    },
  };
}

const outOfRange = 1;
