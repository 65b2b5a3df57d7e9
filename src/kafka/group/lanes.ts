import { classify } from '../../errors.ts';
import type { Membership as Guard } from '../api/28-txn-offset-commit.ts';
import type { TopicPartition } from '../cluster.ts';
import type { Fetcher, Source } from '../reader/fetcher.ts';
import type { Generation } from './generation.ts';
import { joinGroup, type MembershipOptions } from './membership.ts';

/** One partition in the hands of this member. */
export interface Lane {
  readonly partition: TopicPartition;
  /** Aborted when the partition is another's from now on, or when the group is left. */
  readonly signal: AbortSignal;
  /** Who this is in the group at this moment: the guard that goes along with offsets. */
  guard(): Guard | undefined;
  /** Reads from here on. What is not asked for is not fetched, so to pause is not to ask. */
  read(from: bigint): Source;
}

export interface LanesOptions extends Omit<MembershipOptions, 'cluster' | 'isIdle' | 'onGeneration'> {
  readonly fetcher: Fetcher;
  /** After the lanes of what is not in it any more were told. */
  readonly onGeneration?: (generation: Generation) => void;
  /**
   * Works on a partition until its signal. Never twice at a time for one partition: what an old generation began ends
   * before a new one begins. One that ends by itself is begun again by the next generation that has it; what it
   * fails with goes to `onFailure`.
   */
  readonly run: (lane: Lane) => Promise<void>;
  /** Another way into a group: a model of one. */
  readonly join?: typeof joinGroup;
}

export interface Lanes {
  readonly partitions: readonly TopicPartition[];
  guard(): Guard | undefined;
  /** Resolves when all lanes have ended by themselves. */
  ended(): Promise<void>;
  /** Ends all lanes, waits for them, then leaves the group. */
  close(): Promise<void>;
}

interface Running {
  readonly partition: TopicPartition;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  over: boolean;
}

/** After so long without a record a group is idle. */
const quietMs = 5_000;

const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;

/** A lane for each partition that the group gives to this member. A partition that stays keeps its lane. */
export function openLanes({ fetcher, run, ...joining }: LanesOptions): Lanes {
  const lanes = new Map<string, Running>();
  let lastChunk = performance.now();

  let last: Generation | undefined;
  const guard = (): Guard | undefined => {
    const now = membership.current;
    return now && { member: now.member, generation: now.number };
  };

  const begin = (partition: TopicPartition, before: Promise<void>): Running => {
    const stop = new AbortController();
    const lane: Lane = {
      partition,
      signal: stop.signal,
      guard,
      read: (from) => {
        const source = fetcher.open(partition, from);
        const close = () => {
          stop.signal.removeEventListener('abort', close);
          source.close();
        };
        stop.signal.addEventListener('abort', close);
        const next = async () => {
          const chunk = await source.next();
          lastChunk = performance.now();
          return chunk;
        };
        return { ...source, next, close };
      },
    };
    const work = async (): Promise<void> => {
      await before;
      if (!stop.signal.aborted) await run(lane);
    };
    const running: Running = {
      partition,
      stop,
      over: false,
      ended: work()
        .catch((thrown: unknown) => {
          // Of one that was told to end it is no failure that its source is closed.
          if (!stop.signal.aborted) joining.onFailure(classify(thrown));
        })
        .finally(end),
    };
    function end(): void {
      running.over = true;
      stop.abort('over');
    }
    return running;
  };

  const onGeneration = (generation: Generation): void => {
    const { partitions, number, member } = generation;
    // In a generation that this member did not see, a partition may have been another's, and gone on without it.
    const unbroken = last?.member === member && last.number + 1 === number;
    last = generation;
    const mine = new Set(unbroken ? partitions.map(keyOf) : []);
    for (const [key, lane] of lanes) if (!mine.has(key)) lane.stop.abort('revoked');
    for (const partition of partitions) {
      const known = lanes.get(keyOf(partition));
      if (known !== undefined && !known.over && !known.stop.signal.aborted) continue;
      lanes.set(keyOf(partition), begin(partition, known?.ended ?? Promise.resolve()));
    }
    joining.onGeneration?.(generation);
  };

  const ended = async (): Promise<void> => {
    await Promise.all([...lanes.values()].map((lane) => lane.ended));
  };
  const stopAll = async (): Promise<void> => {
    for (const lane of lanes.values()) lane.stop.abort('revoked');
    await ended();
  };

  const { join = joinGroup } = joining;
  const membership = join({
    ...joining,
    cluster: fetcher.cluster,
    isIdle: () => performance.now() - lastChunk > quietMs,
    onGeneration,
    onFailure: (error) => {
      for (const lane of lanes.values()) lane.stop.abort('revoked');
      joining.onFailure(error);
    },
  });

  return {
    get partitions() {
      return [...lanes.values()]
        .filter(({ over, stop }) => !over && !stop.signal.aborted)
        .map(({ partition }) => partition);
    },
    guard,
    ended,
    close: async () => {
      await stopAll();
      await membership.leave();
      // A generation may have begun lanes meanwhile.
      await stopAll();
    },
  };
}
