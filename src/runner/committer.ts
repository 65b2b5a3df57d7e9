import { classify, DownlinkError } from '../errors.ts';
import type { Membership } from '../kafka/api/28-txn-offset-commit.ts';
import type { Outcome } from '../kafka/writer/transaction.ts';
import type { TransactionalWriter } from '../kafka/writer/transactional-writer.ts';
import type { Clock } from './clock.ts';
import { transactionOf } from './transaction-of.ts';
import type { Work } from './turn.ts';

export interface CommitLimits {
  /**
   * A lone batch is committed at once; what comes sooner than this after the last commit waits for the rest of it. Then, for at
   * most half as long, lanes that are at work are waited for: what misses a commit waits for the whole interval, in each stage.
   */
  readonly commitIntervalMs: number;
  /** With so much waiting nothing waits for the interval, and no lane adds more. */
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** A lane as its commits see it. */
export interface Committing {
  readonly signal: AbortSignal;
  readonly committed: (work: Work) => void;
  /** Nothing that was added since the last commit will be committed: begin anew from what is. */
  readonly undone: () => void;
}

export interface CommitterOptions {
  readonly writer: Pick<TransactionalWriter, 'transact' | 'resume'>;
  readonly group: string;
  readonly topic: string;
  readonly limits: CommitLimits;
  readonly clock: Clock;
  /** Who this is in the group at this moment; nothing is committed while that is nobody. */
  readonly guard: () => Membership | undefined;
  readonly onCommitted: (works: readonly Work[], ms: number) => void;
  readonly onUndone: (end: 'not committed' | 'unknown', why: string) => void;
  /** Another has the writer's id: whoever owns this lets go of everything. */
  readonly onLost: (why: string) => void;
  readonly onFailure: (error: DownlinkError) => void;
}

/**
 * The transactions of one stage in one process, one at a time for all its lanes: the number of commits does not grow with
 * the number of partitions. While one is under way the lanes work on, for the next.
 */
export interface Committer {
  /** A lane has something to work on; it is to say when that is added, or will not be. */
  atWork(): () => void;
  add(lane: Committing, work: Work): void;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
  /** Commits what was added, and resolves when nothing is under way. */
  flush(): Promise<void>;
  /** Resolves when no transaction is under way. */
  idle(): Promise<void>;
  /** Between two generations nothing is committed; what is added meanwhile waits. */
  hold(): Promise<void>;
  release(): void;
}

interface Added {
  readonly lane: Committing;
  readonly work: Work;
  /** When. */
  readonly at: number;
}

export function openCommitter(options: CommitterOptions): Committer {
  const { writer, limits, clock, guard } = options;
  let waiting: Added[] = [];
  let [records, bytes] = [0, 0];
  let underWay: Promise<void> | undefined;
  let lastBegan = -Infinity;
  let held = false;
  let holds = 0;
  let [hurried, working] = [0, 0];
  let over = false;
  let timer: AbortController | undefined;
  let heard: (() => void)[] = [];

  const isFull = () => records >= limits.maxRecords || bytes >= limits.maxBytes;

  /** When a transaction is to begin whose first work was added then. */
  const timeOf = (added: number): number => {
    const due = lastBegan + limits.commitIntervalMs;
    // Of lanes that begin together the first to end would go alone, and the others wait for it to come round again.
    const waits = working > 0 && clock.now() >= due;
    return waits ? Math.max(due, added) + limits.commitIntervalMs / 2 : due;
  };

  const begin = (): void => {
    if (underWay !== undefined || held || over || waiting.length === 0) return;
    const due = timeOf(waiting[0]?.at ?? -Infinity) - clock.now();
    if (due > 0 && hurried === 0 && !isFull()) {
      if (timer === undefined) {
        const mine = new AbortController();
        timer = mine;
        const later = (): void => {
          if (timer === mine) timer = undefined;
          if (!mine.signal.aborted) begin();
        };
        clock.sleep(due, mine.signal).then(later, options.onFailure);
      }
      return;
    }
    timer?.abort('due');
    timer = undefined;
    lastBegan = clock.now();
    underWay = commit().finally(() => {
      underWay = undefined;
      changed();
      begin();
    });
  };

  /** Lanes that were taken away meanwhile have nothing to commit any more: their partitions are another's. */
  const take = (): readonly Added[] => {
    const taken = waiting.filter(({ lane }) => !lane.signal.aborted);
    waiting = [];
    [records, bytes] = [0, 0];
    changed();
    return taken;
  };

  const commit = async (): Promise<void> => {
    const taken = take();
    const membership = guard();
    if (taken.length === 0) return;
    if (membership === undefined) {
      undo(taken);
      return;
    }
    const began = clock.now();
    try {
      const outcome = await writer.transact(transactionOf(options, membership, worksOf(taken)));
      if (outcome.end === 'committed') done(taken, clock.now() - began);
      else await notDone(taken, outcome);
    } catch (thrown) {
      over = true;
      undo(taken);
      options.onFailure(classify(thrown));
    }
  };

  const done = (taken: readonly Added[], ms: number): void => {
    for (const { lane, work } of taken) lane.committed(work);
    options.onCommitted(worksOf(taken), ms);
  };

  const notDone = async (taken: readonly Added[], outcome: Exclude<Outcome, { end: 'committed' }>): Promise<void> => {
    options.onUndone(outcome.end, outcome.why);
    // After an unknown end the committed offset is the truth, and only for whoever still has the writer's id.
    // However long that takes: while nobody answers there is nothing else to do.
    const lost = outcome.owner === 'lost' || (outcome.owner === 'uncertain' && (await resumed()) === 'lost');
    const refused = outcome.end === 'not committed' && outcome.refused === true;
    if (lost || refused) over = true;
    undo(taken);
    if (lost) options.onLost(outcome.why);
    else if (refused) options.onFailure(new DownlinkError('write-refused', outcome.why));
  };

  const resumed = async (): Promise<'ours' | 'lost'> => {
    for (let pause = 50; ; pause = Math.min(2 * pause, 1_000)) {
      try {
        return await writer.resume();
      } catch (thrown) {
        if (classify(thrown).verdict !== 'retry') throw thrown;
        await clock.sleep(pause);
      }
    }
  };

  const undo = (taken: readonly Added[]): void => {
    const lanes = new Set(taken.map(({ lane }) => lane));
    waiting = waiting.filter(({ lane }) => !lanes.has(lane));
    records = waiting.reduce((sum, { work }) => sum + work.records, 0);
    bytes = waiting.reduce((sum, { work }) => sum + work.bytes, 0);
    for (const lane of lanes) lane.undone();
  };

  const changed = (): void => {
    const told = heard;
    heard = [];
    for (const tell of told) tell();
  };
  const nextChange = () => new Promise<void>((resolve) => heard.push(resolve));

  const flush = async (): Promise<void> => {
    hurried += 1;
    try {
      while (underWay !== undefined || (waiting.length > 0 && !held && !over)) {
        begin();
        await nextChange();
      }
    } finally {
      hurried -= 1;
    }
  };

  const idle = async (): Promise<void> => {
    while (underWay !== undefined) await nextChange();
  };

  return {
    idle,
    atWork: () => {
      working += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        working -= 1;
        if (working === 0) begin();
      };
    },
    add: (lane, work) => {
      if (over || lane.signal.aborted) return;
      waiting.push({ lane, work, at: clock.now() });
      records += work.records;
      bytes += work.bytes;
      begin();
    },
    room: async () => {
      while (isFull() && !over) await nextChange();
    },
    flush,
    hold: async () => {
      const mine = ++holds;
      held = true;
      await idle();
      // A generation may have come meanwhile: then this hold is over, and must not set in again.
      if (mine !== holds || waiting.length === 0) return;
      // One transaction more, for what was added until now; what lanes go on to add waits for the new generation.
      held = false;
      hurried += 1;
      begin();
      hurried -= 1;
      held = true;
      await idle();
    },
    release: () => {
      holds += 1;
      held = false;
      begin();
    },
  };
}

const worksOf = (added: readonly Added[]): readonly Work[] => added.map(({ work }) => work);
