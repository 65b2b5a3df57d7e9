import type { Stage } from '../contract/index.ts';
import { classify, DownlinkError } from '../errors.ts';
import type { Lane as AssignedLane } from '../kafka/group/lanes.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Clock } from './clock.ts';
import type { Committer, Committing } from './committer.ts';
import { openGather, type Gather, type Gathered, type GatherLimits } from './gather.ts';
import { restore, type Log } from './restore.ts';
import { beginAt, openSafe } from './safe.ts';
import { turn, type Work } from './turn.ts';
import type { Wiring } from './wiring.ts';

export interface LaneOptions<I, O, C> {
  readonly wiring: Wiring<I, O, C>;
  readonly lane: AssignedLane;
  readonly log: Log;
  readonly limits: GatherLimits;
  readonly clock: Clock;
  readonly committer: Committer;
  /** A name that no opening of any process ever had. */
  readonly nameOpening: () => string;
  /** Aborted when no further batch shall be begun; what is begun is finished. */
  readonly stopping: AbortSignal;
  readonly emit: Emit;
}

type Why = 'revoked' | 'stopped' | 'not committed' | 'forgotten' | 'failed';

const longestPauseMs = 5_000;

/**
 * One partition in the hands of this process: opened from what is committed, and anew after anything but a commit, until
 * it is taken away. Throws only what no waiting mends.
 */
export async function runLane<I, O, C>(options: LaneOptions<I, O, C>): Promise<void> {
  const { lane, clock, emit, wiring } = options;
  const { partition } = lane.partition;
  const isOver = () => lane.signal.aborted || options.stopping.aborted;
  for (let failures = 0; !isOver();) {
    let error: DownlinkError | undefined;
    let why: Why = 'failed';
    try {
      why = await runOnce(options, () => (failures = 0));
    } catch (thrown) {
      error = classify(thrown);
    }
    if (lane.signal.aborted) why = 'revoked';
    emit({ event: 'lane-closed', stage: wiring.name, partition, why });
    if (error === undefined || lane.signal.aborted) continue;
    if (error.verdict !== 'retry') throw error;
    const pauseMs = pauseAfter(failures++);
    emit({ event: 'retrying', stage: wiring.name, partition, error, pauseMs });
    await clock.sleep(pauseMs, lane.signal);
  }
}

async function runOnce<I, O, C>(options: LaneOptions<I, O, C>, progress: () => void): Promise<Why> {
  const { wiring, lane, clock, emit } = options;
  const { partition } = lane.partition;
  const began = clock.now();
  const { from, committed } = await placeOf(options);
  const { checkpoints } = wiring;
  const restored = checkpoints && (await restore(options.log, checkpoints, partition, clock, lane.signal));
  if (lane.signal.aborted) return 'revoked';
  const partitions = 'topic' in wiring.to ? wiring.to.partitions : 1;
  const stage = wiring.open({ partition, partitions, opening: options.nameOpening(), restored: restored ?? new Map() });
  const source = lane.read(from);
  const ms = clock.now() - began;
  emit({ event: 'lane-opened', stage: wiring.name, partition, from, restored: restored?.size ?? 0, ms });
  try {
    return await work(options, stage, openGather(source, options.limits, clock), { from, committed, progress });
  } finally {
    source.close();
    await stage.close?.();
  }
}

interface Opening {
  readonly from: bigint;
  /** Where the group is; what lies between was written, and is written again. */
  readonly committed: bigint;
  readonly progress: () => void;
}

async function placeOf<I, O, C>({ log, lane, wiring }: LaneOptions<I, O, C>): Promise<Omit<Opening, 'progress'>> {
  const found = await log.committed(lane.partition);
  const mayForget = 'write' in wiring.to && wiring.to.forgetful !== undefined;
  // Where nothing can be forgotten the beginning of the log need not be asked for, nor can it say anything.
  if (found !== undefined && !mayForget) return { from: found.offset, committed: found.offset };
  const first = await log.first(lane.partition);
  if (found === undefined) return { from: first, committed: first };
  return { from: beginAt(found, first), committed: found.offset };
}

async function work<I, O, C>(
  options: LaneOptions<I, O, C>,
  stage: Stage<I, O, C>,
  gather: Gather,
  { from, committed, progress }: Opening,
): Promise<Why> {
  const { lane, committer, stopping, wiring, clock } = options;
  const undone = new AbortController();
  const forgetful = 'write' in wiring.to ? wiring.to.forgetful : undefined;
  const forgot = forgetful?.forgot();
  const safe = openSafe(forgetful, clock, from);
  const mine = AbortSignal.any([lane.signal, undone.signal, ...(forgot === undefined ? [] : [forgot])]);
  const begun: Committing = { signal: mine, committed: progress, undone: undone.abort.bind(undone, 'undone') };
  const noMore = AbortSignal.any([mine, stopping]);
  let rested: (() => void) | undefined;
  try {
    for (;;) {
      rested?.();
      await committer.room();
      const gathered = await gather.next(noMore, () => (rested = committer.atWork()));
      if (gathered === undefined) break;
      const done = await tried(options, stage, gathered, { again: committed, signal: mine });
      if (done === undefined) break;
      safe?.wrote(done.offset);
      // What was only written again is committed already, and a position never goes back.
      if (done.offset > committed) committer.add(begun, safe === undefined ? done : { ...done, note: safe.note });
    }
    rested?.();
    if (!mine.aborted) await committer.flush();
    if (undone.signal.aborted) return 'not committed';
    return forgot?.aborted === true ? 'forgotten' : 'stopped';
  } catch (thrown) {
    rested?.();
    // What went well before is committed first: the next opening begins behind it.
    if (!mine.aborted) await committer.flush();
    throw thrown;
  } finally {
    // From here on nothing of this opening is committed, and nobody reads where to go on while something still might be.
    undone.abort('over');
    await committer.idle();
  }
}

/** The batch's turn, again after a growing pause as long as its failure is a matter of waiting; undefined when taken away. */
async function tried<I, O, C>(
  options: LaneOptions<I, O, C>,
  stage: Stage<I, O, C>,
  gathered: Gathered,
  { again, signal }: { readonly again: bigint; readonly signal: AbortSignal },
): Promise<Work | undefined> {
  const { wiring, clock, emit, lane, stopping } = options;
  const { partition } = lane.partition;
  const near = { stage: wiring.name, partition };
  for (let failures = 0; ; failures++) {
    const began = clock.now();
    const done = await turn({ wiring, partition, stage, gathered, again, signal });
    if (signal.aborted) return undefined;
    if (done.verdict === 'commit') {
      const { traces } = done.work.parcel;
      emit({ event: 'turn', ...near, records: gathered.records.length, ms: clock.now() - began, traces });
      for (const { code } of done.work.refusals) emit({ event: 'rejected', ...near, code, records: 1 });
      return done.work;
    }
    // A stage with state may be left between two states: another is opened from the committed one.
    if (done.verdict === 'stop' || wiring.checkpoints !== undefined) throw done.error;
    const pauseMs = pauseAfter(failures);
    emit({ event: 'retrying', ...near, error: done.error, pauseMs });
    const taken = AbortSignal.any([signal, stopping]);
    await clock.sleep(pauseMs, taken);
    if (taken.aborted) return undefined;
  }
}

const pauseAfter = (failures: number): number => Math.min(longestPauseMs, 50 * 2 ** Math.min(failures, 10));
