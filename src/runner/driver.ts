import { setMaxListeners } from 'node:events';
import { classify, DownlinkError } from '../errors.ts';
import type { Chunk } from '../kafka/reader/chunk.ts';
import type { RecordView } from '../kafka/records/record-views.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import type { Clock } from './clock.ts';
import { openGather, type GatherLimits } from './gather.ts';
import { turn } from './turn.ts';
import type { Wiring } from './wiring.ts';

export interface DrivenRecord extends RecordView {
  readonly partition: number;
}

/**
 * Runs the stages of a topology without a broker, each batch through the runner's own gather and turn, on a clock that is
 * moved by hand. Every batch is committed at once: what happens when one is not is the business of other tests.
 */
export interface Driver {
  /** Fails with what a stage failed with: nothing is tried again here. */
  put(topic: string, partition: number, record: OutRecord): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Lets all that waits come to its end, however long that is. */
  settle(): Promise<void>;
  /** Closes every stage and opens it again from its checkpoints, as after a crash or a failure. */
  reopen(): Promise<void>;
  /** In the order in which they were written. */
  records(topic: string): readonly DrivenRecord[];
}

export interface DriverOptions {
  readonly wirings: readonly Wiring<never, never, never>[];
  readonly partitionsOf: (topic: string) => number;
  readonly limits: GatherLimits;
}

export function openDriver({ wirings, partitionsOf, limits }: DriverOptions): Driver {
  const topics = new Map<string, DrivenRecord[]>();
  const clock = handClock();
  const progress = { working: 0, failure: undefined as DownlinkError | undefined };
  let waiting: (() => void)[] = [];
  let stopping = new AbortController();
  let openings = 0;
  let lanes: Promise<void>[] = [];

  const logOf = (topic: string): DrivenRecord[] => {
    const log = topics.get(topic) ?? [];
    topics.set(topic, log);
    return log;
  };
  const append = (topic: string, partition: number, record: OutRecord): void => {
    const log = logOf(topic);
    const offset = BigInt(log.filter((one) => one.partition === partition).length);
    log.push(viewOf(record, partition, offset));
  };
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const one of woken) one();
  };

  /** What was worked on; what was only fetched comes again after a reopening. */
  const committed = new Map<string, number>();
  const lane = async (wiring: Wiring<never, never, never>, partition: number, signal: AbortSignal): Promise<void> => {
    const place = `${wiring.group} ${partition}`;
    let position = committed.get(place) ?? 0;
    const next = async (): Promise<Chunk> => {
      for (;;) {
        if (signal.aborted) throw new DownlinkError('kafka-unavailable', `${place} is no longer read`);
        const found = logOf(wiring.from.topic).filter((one) => one.partition === partition);
        if (found.length > position) {
          const fresh = found.slice(position);
          position = found.length;
          return chunkOf(fresh, BigInt(found.length));
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    };
    const stage = wiring.open({
      partition,
      partitions: 'topic' in wiring.to ? wiring.to.partitions : 1,
      opening: `driver.${++openings}`,
      restored: (await restored(wiring, partition, logOf)) as never,
    });
    const gather = openGather({ next }, limits, clock);
    for (;;) {
      const gathered = await gather.next(signal);
      if (gathered === undefined) break;
      progress.working += 1;
      const done = await turn({ wiring, partition, stage, gathered, signal });
      progress.working -= 1;
      if (done.verdict !== 'commit') {
        progress.failure ??= done.error;
        break;
      }
      committed.set(place, Number(done.work.offset));
      for (const { topic, partition: to, records } of done.work.parcel.partitions) {
        for (const record of records) append(topic, to, record);
      }
      wake();
    }
    await stage.close?.();
  };

  const open = (): void => {
    stopping = new AbortController();
    // Every lane listens to it.
    setMaxListeners(0, stopping.signal);
    lanes = wirings.flatMap((wiring) =>
      Array.from({ length: partitionsOf(wiring.from.topic) }, (_, partition) =>
        lane(wiring, partition, stopping.signal).catch((thrown: unknown) => {
          progress.failure ??= classify(thrown);
        }),
      ),
    );
  };
  /** Until every lane waits for records or for the clock. */
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < 3; calm++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (progress.working > 0) calm = 0;
    }
    if (progress.failure !== undefined) throw progress.failure;
  };
  open();

  return {
    put: async (topic, partition, record) => {
      append(topic, partition, record);
      wake();
      await quiet();
    },
    advance: async (ms) => {
      const until = clock.now() + ms;
      await quiet();
      while (clock.step(until)) await quiet();
    },
    settle: async () => {
      await quiet();
      while (clock.step(Infinity)) await quiet();
    },
    reopen: async () => {
      stopping.abort();
      wake();
      await Promise.all(lanes);
      progress.failure = undefined;
      open();
      await quiet();
    },
    records: (topic) => logOf(topic),
  };
}

async function restored(
  { checkpoints }: Wiring<never, never, never>,
  partition: number,
  logOf: (topic: string) => readonly DrivenRecord[],
): Promise<ReadonlyMap<string, unknown>> {
  const latest = new Map<string, unknown>();
  if (checkpoints === undefined) return latest;
  for (const record of logOf(checkpoints.topic)) {
    if (record.partition !== partition) continue;
    const key = record.keyText() ?? '';
    if (record.value === null) latest.delete(key);
    else latest.set(key, await checkpoints.decode(record.value));
  }
  return latest;
}

interface HandClock extends Clock {
  /** Moves on to the next one that wakes up to then; false where there is none, and it is then. */
  step(until: number): boolean;
}

function handClock(): HandClock {
  let now = 0;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      }),
    step: (until) => {
      const [next] = [...sleepers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) {
        if (until !== Infinity) now = until;
        return false;
      }
      now = Math.max(now, next.at);
      next.wake();
      return true;
    },
  };
}

const bytesOf = (content: OutRecord['value']): Buffer | null =>
  content === null ? null : Buffer.isBuffer(content) ? content : Buffer.from(content as Uint8Array);

function viewOf({ key, value, timestamp, headers = [] }: OutRecord, partition: number, offset: bigint): DrivenRecord {
  const [keyBytes, valueBytes] = [bytesOf(key), bytesOf(value)];
  return {
    partition,
    offset,
    timestamp,
    key: keyBytes,
    value: valueBytes,
    size: (keyBytes?.length ?? 0) + (valueBytes?.length ?? 0),
    hasHeaders: headers.length > 0,
    keyText: () => keyBytes?.toString() ?? null,
    headers: () => headers.map(([name, content]) => [name, bytesOf(content)] as const),
  };
}

const chunkOf = (records: readonly RecordView[], end: bigint): Chunk => ({
  from: records[0]?.offset ?? 0n,
  position: end,
  highWatermark: end,
  lastStable: end,
  logStart: 0n,
  bytes: 0,
  batches: [],
  records: () => records,
});
