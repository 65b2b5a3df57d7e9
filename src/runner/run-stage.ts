import { classify, type DownlinkError } from '../errors.ts';
import type { Lanes, LanesOptions } from '../kafka/group/lanes.ts';
import type { TransactionalWriter } from '../kafka/writer/transactional-writer.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Clock } from './clock.ts';
import { openCommitter, type CommitLimits } from './committer.ts';
import type { GatherLimits } from './gather.ts';
import { runLane } from './lane.ts';
import type { Log } from './restore.ts';
import type { Work } from './turn.ts';
import type { Wiring } from './wiring.ts';

export interface Limits extends GatherLimits {
  readonly commit: CommitLimits;
}

/** Per partition and turn, and per transaction; each was chosen by measuring (see README.md). */
export const defaultLimits: Limits = {
  maxWaitMs: 1,
  maxRecords: 4_000,
  maxBytes: 1 << 20,
  commit: { commitIntervalMs: 100, maxRecords: 40_000, maxBytes: 16 << 20 },
};

/** What a stage needs of Kafka: the real one, or a model of it. */
export interface Broker {
  logOf(group: string): Log;
  openWriter(transactionalId: string): Pick<TransactionalWriter, 'fence' | 'transact' | 'resume' | 'form'>;
  openLanes(options: Omit<LanesOptions, 'config' | 'fetcher'>): Lanes;
  /** Ends the transactions that members left behind who are in the group no more. Answers whose. */
  endLeftBehind(group: string, writerPrefix: string): Promise<readonly string[]>;
}

export interface RunStageOptions<I, O, C> {
  readonly wiring: Wiring<I, O, C>;
  readonly broker: Broker;
  readonly limits?: Limits;
  readonly clock: Clock;
  /** Makes names that no process ever had. */
  readonly unique: () => string;
  readonly emit: Emit;
  /** No waiting mends it: the process has to end, and a person to look. */
  readonly onFailure: (error: DownlinkError) => void;
}

export interface RunningStage {
  /** Finishes open turns, commits, and leaves the group. */
  stop(): Promise<void>;
}

/** One stage in this process: a member of its group, a lane for each partition that it is given, one writer for all. */
export function runStage<I, O, C>(options: RunStageOptions<I, O, C>): RunningStage {
  const { clock, emit, wiring } = options;
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;

  const run = async (): Promise<void> => {
    for (let pause = 100; !isStopping(); pause = Math.min(2 * pause, 5_000)) {
      const why = await runAsMember(options, stopping.signal);
      if (why === undefined) return;
      // Another took this one for dead. It comes back as somebody new, once the group had the time to say to whom what belongs.
      emit({ event: 'fenced', stage: wiring.name, why });
      await clock.sleep(pause, stopping.signal);
    }
  };
  const ended = run().catch((thrown: unknown) => {
    const error = classify(thrown);
    emit({ event: 'failed', stage: wiring.name, error });
    options.onFailure(error);
  });
  return {
    stop: async () => {
      stopping.abort('stopping');
      await ended;
    },
  };
}

/** Until it is told to stop (undefined), or another has fenced its writer (why). Fails with what no waiting mends. */
async function runAsMember<I, O, C>(
  options: RunStageOptions<I, O, C>,
  stopping: AbortSignal,
): Promise<string | undefined> {
  const { wiring, broker, clock, emit, unique } = options;
  const { commit, ...gather } = options.limits ?? defaultLimits;
  const transactionalId = `${wiring.group}.${unique()}`;
  const writer = broker.openWriter(transactionalId);
  const fenced = await whenReady(() => writer.fence(), clock, stopping);
  if (fenced === undefined) return undefined;
  const log = broker.logOf(wiring.group);
  let openings = 0;
  let end: (result: { why: string } | { error: DownlinkError } | undefined) => void = () => undefined;
  const over = new Promise<{ why: string } | { error: DownlinkError } | undefined>((resolve) => (end = resolve));
  const fail = (thrown: unknown) => {
    end({ error: classify(thrown) });
  };

  const near = { stage: wiring.name };
  const committer = openCommitter({
    writer,
    group: wiring.group,
    topic: wiring.from.topic,
    limits: commit,
    clock,
    guard: () => lanes.guard(),
    onCommitted: (works, ms) => {
      emit({ event: 'committed', ...near, lanes: lanesOf(works), form: writer.form, ms });
    },
    onUndone: (how, why) => {
      emit({ event: 'not-committed', ...near, end: how, why });
    },
    onLost: (why) => {
      end({ why });
    },
    onFailure: fail,
  });

  let generation = 0;
  /** More than once: in the middle of a rebalance nobody can say who is gone, and a request of the dead may still be under way. */
  const endLeftBehind = async (mine: number): Promise<void> => {
    for (const pause of [0, 500, 2_000, 8_000]) {
      await clock.sleep(pause, stopping);
      if (generation !== mine || stopping.aborted) return;
      try {
        const writers = await broker.endLeftBehind(wiring.group, `${wiring.group}.`);
        if (writers.length > 0) emit({ event: 'fenced-dead', ...near, writers });
      } catch (thrown) {
        // Their time-out ends them as well, only later.
        if (classify(thrown).verdict !== 'retry') throw thrown;
      }
    }
  };
  const lanes = broker.openLanes({
    group: wiring.group,
    topics: [wiring.from.topic],
    writer: transactionalId,
    beforeJoin: () => committer.hold(),
    onGeneration: ({ number, member, partitions }) => {
      emit({ event: 'generation', ...near, number, member, partitions: partitions.map(({ partition }) => partition) });
      generation = number;
      endLeftBehind(number).catch(fail);
      committer.release();
    },
    run: async (lane) => {
      const nameOpening = () => `${fenced.id}.${fenced.epoch}.${++openings}`;
      await runLane({ ...options, lane, log, limits: gather, committer, nameOpening, stopping }).catch(fail);
    },
    onFailure: fail,
  });

  const stop = () => {
    end(undefined);
  };
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  const ended = await over;
  generation = -1;
  // Told to stop, the lanes end by themselves, with all that they had begun committed; otherwise they are ended.
  if (ended === undefined) await lanes.ended();
  await lanes.close();
  if (ended !== undefined && 'error' in ended) throw ended.error;
  return ended?.why;
}

/** Undefined when told to stop before. */
async function whenReady<T>(attempt: () => Promise<T>, clock: Clock, stopping: AbortSignal): Promise<T | undefined> {
  for (let pause = 50; !stopping.aborted; pause = Math.min(2 * pause, 5_000)) {
    try {
      return await attempt();
    } catch (thrown) {
      if (classify(thrown).verdict !== 'retry') throw thrown;
      await clock.sleep(pause, stopping);
    }
  }
  return undefined;
}

function lanesOf(works: readonly Work[]) {
  const lanes = new Map<number, { partition: number; offset: bigint; records: number; behind: bigint }>();
  for (const { partition, offset, records, behind } of works) {
    lanes.set(partition, { partition, offset, behind, records: records + (lanes.get(partition)?.records ?? 0) });
  }
  return [...lanes.values()];
}
