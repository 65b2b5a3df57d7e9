import type { KafkaConfig } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../../errors.ts';
import type { Cluster } from '../cluster.ts';
import { openConsumerGroup, type MemberOfGroup } from './kafkajs-group.ts';
import type { Generation } from './generation.ts';
import { assignSticky, type Claim } from './sticky.ts';

export interface MembershipOptions {
  readonly config: KafkaConfig;
  readonly cluster: Cluster;
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** How soon a rebalance is noticed; the heartbeat waits for nobody. */
  readonly heartbeatMs?: number;
  /** The same where nothing has come for a while: a heartbeat costs as much as a record. */
  readonly idleHeartbeatMs?: number;
  readonly isIdle?: () => boolean;
  /** The transactional id that this member writes under, for others to know that its owner lives. */
  readonly writer?: string;
  /** Before it joins anew: what is begun is ended, because in the next generation it would be refused. */
  readonly beforeJoin?: () => Promise<void>;
  /** A new generation: what is not in it any more belongs to others from now on. */
  readonly onGeneration: (generation: Generation) => void;
  /** The member cannot go on by itself; everything that is a matter of waiting it deals with alone. */
  readonly onFailure: (error: DownlinkError) => void;
}

export interface Membership {
  /** Undefined before the first generation and after the last. */
  readonly current: Generation | undefined;
  leave(): Promise<void>;
}

async function within(ms: number, doing: Promise<void>): Promise<void> {
  const done = new AbortController();
  // It rejects where it was called off, which is no news.
  const late = delay(ms, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([doing, late]).finally(() => {
    done.abort('done');
  });
}

/** Joins a consumer group and stays in it, through rebalances and brokers' deaths, until it is told to leave. */
export function joinGroup(options: MembershipOptions): Membership {
  const { config, cluster, group, topics, sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 6_000 } = options;
  const { heartbeatMs = 80, idleHeartbeatMs = 1_000, isIdle = () => false } = options;
  let current: Generation | undefined;
  let staying = true;
  const isStaying = (): boolean => staying;

  const { writer, beforeJoin = () => Promise.resolve() } = options;
  const claim = (): Omit<Claim, 'member'> => ({
    owned: current?.partitions ?? [],
    generation: current?.number ?? -1,
    ...(writer === undefined ? {} : { writer }),
  });
  const member = openConsumerGroup({
    config,
    cluster,
    group,
    topics,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    claim,
    assign: assignSticky,
  });

  const stay = async (): Promise<void> => {
    for (let pause = 20; staying; pause = Math.min(2 * pause, 1_000)) {
      try {
        // Not for longer than the group waits: what is not ended by then is refused, and done again.
        if (current !== undefined) await within(rebalanceTimeoutMs / 2, beforeJoin());
        await joinOnce(member);
        pause = 20;
        await beat(member);
      } catch (thrown) {
        const error = classify(thrown);
        if (error.verdict !== 'retry') throw error;
        await delay(pause);
      }
    }
  };

  const joinOnce = async (joining: MemberOfGroup): Promise<void> => {
    const generation = await joining.join();
    if (!staying) return;
    current = generation;
    options.onGeneration(generation);
  };

  /** Until the generation is over. */
  const beat = async (beating: MemberOfGroup): Promise<void> => {
    do await delay(isIdle() ? Math.max(heartbeatMs, idleHeartbeatMs) : heartbeatMs);
    while (isStaying() && (await beating.heartbeat()) === 'alive');
  };

  const ended = stay().catch((thrown: unknown) => {
    current = undefined;
    options.onFailure(classify(thrown));
  });

  return {
    get current() {
      return current;
    },
    leave: async () => {
      staying = false;
      current = undefined;
      await member.leave();
      await ended;
    },
  };
}
