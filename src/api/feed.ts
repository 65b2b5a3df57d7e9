import { setTimeout as delay } from 'node:timers/promises';
import type { Reader } from '../avro/reader.ts';
import type { Records } from '../contract/index.ts';
import { classify } from '../errors.ts';
import type { TopicPartition } from '../kafka/cluster.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { follow } from '../kafka/reader/follow.ts';
import { offsetOf } from '../kafka/reader/offsets.ts';
import type { RecordView } from '../kafka/records/batches.ts';

export type Fed = Records['job' | 'job-cancel' | 'job-result' | 'scores' | 'anomaly'];

/** A topic that the API shows. */
export interface Shown {
  readonly topic: string;
  readonly partitions: number;
  /** What was there before it starts: since then, and no more than so many records of a partition. */
  readonly since: number;
  readonly most: number;
}

/** A record that was committed, and where it lies. */
export interface FedRecord {
  readonly value: Fed;
  readonly timestamp: number;
  readonly offset: bigint;
  readonly place: TopicPartition;
}

export interface Feed {
  /** Resolves when all that was committed before the start was seen. */
  readonly begun: Promise<void>;
  /** Rejects with what no waiting mends. */
  readonly ended: Promise<void>;
  /** Resolves when all that is committed in these topics at this moment was seen: what is not known then is not there. */
  caughtUp(topics: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface FeedOptions {
  /** One that hands damaged batches out. */
  readonly fetcher: Fetcher;
  readonly reader: Reader<Fed>;
  readonly topics: readonly Shown[];
  readonly take: (record: FedRecord) => void;
  readonly note: (line: string) => void;
}

const againMs = 1_000;

/** Everything that the API shows, as it is committed; without a consumer group, for every process sees all of it. */
export async function openFeed({ fetcher, reader, topics, take, note }: FeedOptions): Promise<Feed> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const places = topics.flatMap((one) =>
    Array.from({ length: one.partitions }, (_, partition) => ({ topic: one.topic, partition, shown: one })),
  );
  const from = await Promise.all(
    places.map(async ({ shown: { since, most }, ...place }) => {
      const [then, end] = await Promise.all([
        offsetOf(fetcher.cluster, place, { timestamp: since }),
        offsetOf(fetcher.cluster, place, 'latest'),
      ]);
      const least = end - BigInt(most);
      return { ...place, offset: then > least ? then : least };
    }),
  );
  const positions = new Map(from.map(({ offset, ...place }) => [nameOf(place), offset]));
  let heard: (() => void)[] = [];

  const takeOne = async ({ value, offset, timestamp }: RecordView, place: TopicPartition): Promise<void> => {
    for (let attempt = 0; !signal.aborted && value !== null; attempt++) {
      try {
        return take({ value: await reader.decode(value), timestamp, offset, place });
      } catch (thrown) {
        const error = classify(thrown);
        if (error.verdict === 'stop') throw error;
        const at = `${nameOf(place)}:${offset}: ${error.message}`;
        if (error.verdict === 'reject') return note(`${at}; passed over`);
        if (attempt === 0) note(`${at}; it is asked for again until there is an answer`);
        // Told to stop while it waits, it looks at the signal next.
        await delay(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const reached = (place: TopicPartition, position: bigint): void => {
    positions.set(nameOf(place), position);
    const told = heard;
    heard = [];
    for (const tell of told) tell();
  };
  const until = async (goals: readonly (TopicPartition & { readonly goal: bigint })[]): Promise<void> => {
    const isThere = (): boolean => goals.every(({ goal, ...place }) => (positions.get(nameOf(place)) ?? goal) >= goal);
    while (!isThere() && !signal.aborted) await new Promise<void>((resolve) => heard.push(resolve));
  };
  const ends = (wanted: typeof places) =>
    Promise.all(
      wanted.map(async ({ topic, partition }) => {
        const place = { topic, partition };
        return { ...place, goal: await offsetOf(fetcher.cluster, place, 'latest') };
      }),
    );
  let asked: { readonly topics: string; readonly done: Promise<void> } | undefined;

  const ended = follow({ fetcher, from, take: takeOne, reached, note, signal });
  // Whoever started this hears of it by `ended`; until somebody listens it is no failure that nobody hears of.
  ended.catch(() => undefined);
  return {
    begun: ends(places).then(until),
    ended,
    caughtUp: (wanted) => {
      // Many ask at a time, and the next answer is good enough for all of them that has not begun yet.
      const name = wanted.join(' ');
      if (asked?.topics === name) return asked.done;
      const done = delay(1).then(async () => {
        asked = undefined;
        await until(await ends(places.filter(({ topic }) => wanted.includes(topic))));
      });
      asked = { topics: name, done };
      return done;
    },
    close: async () => {
      stopping.abort();
      reached({ topic: '', partition: -1 }, 0n);
      // What it failed with was told by `ended`.
      await Promise.race([ended.catch(() => undefined), delay(1_000)]);
    },
  };
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic} ${partition}`;
