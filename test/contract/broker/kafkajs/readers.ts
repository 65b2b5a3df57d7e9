import { afterEach } from '@jest/globals';
import type { ConsumerConfig, ConsumerRunConfig, ISocketFactory, Kafka } from 'kafkajs';
import { openLanes, type Lane } from '../../../../src/kafka/group/lanes.ts';
import { openFetcher } from '../../../../src/kafka/reader/fetcher.ts';
import { committedOffset } from '../../../../src/kafka/reader/offsets.ts';
import { quietKafka } from '../../../support/kafka-client.ts';

/** Whether the reader knows of the partition at hand that it is still its own. */
export type IsOurs = () => boolean;

export interface Question {
  readonly bootstrap: string;
  readonly group: string;
  readonly topics: readonly string[];
  readonly socketFactory?: ISocketFactory;
  /** The work on each record. */
  readonly handle?: (value: string, isOurs: IsOurs) => Promise<void> | void;
}

/** A member of a group that reads, each record once its work on the one before is done. */
export interface Reader {
  readonly values: () => readonly string[];
  /** As in `topic 0`. */
  readonly partitions: () => readonly string[];
  /** What whoever opened it was told to have failed. */
  readonly told: () => readonly unknown[];
  readonly close: () => Promise<void>;
}

export type OpenReader<R extends Reader = Reader> = (question: Question) => Promise<R>;

const opened = new Set<Reader>();
// Also when a test fails: a reader that is left open outlives its test file.
afterEach(() => Promise.all([...opened].map((reader) => reader.close())));
const keep = <R extends Reader>(reader: R): R => {
  const close = (): Promise<void> => {
    opened.delete(kept);
    return reader.close();
  };
  const kept = { ...reader, close };
  opened.add(kept);
  return kept;
};

export const downlink: OpenReader = ({ bootstrap, group, topics, socketFactory, handle }) => {
  const config = { brokers: bootstrap.split(','), clientId: 'reader', ...(socketFactory && { socketFactory }) };
  const fetcher = openFetcher({ config });
  const [values, told]: [string[], unknown[]] = [[], []];
  const work = async (lane: Lane): Promise<void> => {
    const source = lane.read((await committedOffset(fetcher.cluster, group, lane.partition)) ?? 0n);
    while (!lane.signal.aborted) {
      for (const { value } of (await source.next()).records()) {
        values.push(String(value));
        await handle?.(String(value), () => !lane.signal.aborted);
      }
    }
  };
  // The loop is the caller's own, so all that fails in it passes through the caller's hands.
  const run = (lane: Lane) =>
    work(lane).catch((thrown: unknown) => {
      if (!lane.signal.aborted) told.push(thrown);
    });
  const lanes = openLanes({ config, fetcher, group, topics, run, onFailure: (error) => told.push(error) });
  const reader = keep({
    values: () => values,
    told: () => told,
    partitions: () => lanes.partitions.map(({ topic, partition }) => `${topic} ${partition}`),
    close: async () => {
      await lanes.close();
      await fetcher.close();
    },
  });
  return Promise.resolve(reader);
};

export interface PlainOptions {
  /** Left out, it has a client of its own. */
  readonly kafka?: Kafka;
  readonly consumer?: Partial<ConsumerConfig>;
  readonly run?: Omit<ConsumerRunConfig, 'eachBatch' | 'eachMessage'>;
  readonly fromBeginning?: boolean;
}

export interface PlainReader extends Reader {
  /** What only a listener of its event hears. */
  readonly crash: () => { readonly error: string; readonly restart: boolean } | undefined;
  readonly fetches: () => number;
}

/** kafkajs as it comes, but for what is said here. */
export const plain =
  (options: PlainOptions = {}): OpenReader<PlainReader> =>
  async ({ bootstrap, group, topics, socketFactory, handle }) => {
    const kafka = options.kafka ?? quietKafka(bootstrap, socketFactory && { socketFactory });
    const consumer = kafka.consumer({ groupId: group, ...options.consumer });
    const [values, told]: [string[], unknown[]] = [[], []];
    let assigned: readonly string[] = [];
    let crash: ReturnType<PlainReader['crash']>;
    let fetches = 0;
    const { GROUP_JOIN, CRASH, FETCH_START } = consumer.events;
    consumer.on(FETCH_START, () => (fetches += 1));
    consumer.on(CRASH, ({ payload: { error, restart } }) => (crash = { error: error.message, restart }));
    consumer.on(GROUP_JOIN, ({ payload }) => {
      const topicsOf = Object.entries(payload.memberAssignment as Record<string, number[]>);
      assigned = topicsOf.flatMap(([topic, partitions]) => partitions.map((partition) => `${topic} ${partition}`));
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: options.fromBeginning ?? true });
    await consumer
      .run({
        ...options.run,
        eachBatch: async (payload) => {
          for (const { value } of payload.batch.messages) {
            values.push(String(value));
            await handle?.(String(value), () => payload.isRunning() && !payload.isStale());
          }
        },
      })
      .catch((thrown: unknown) => told.push(thrown));
    return keep({
      values: () => values,
      told: () => told,
      partitions: () => assigned,
      crash: () => crash,
      fetches: () => fetches,
      close: () => consumer.disconnect(),
    });
  };

/** Notices soon that it is to stop, for tests in which that is not the matter. */
export const prompt = { maxWaitTimeInMs: 100 };
