import type { Limits } from '../../src/runner/run-stage.ts';
import type { NetworkFaults } from './network.ts';

export type Deed = 'kill' | 'pause' | 'stop' | 'join' | 'cut' | 'restart';

export interface Action {
  readonly at: number;
  readonly deed: Deed;
  readonly ms: number;
  readonly choice: number;
}

/** All that chance says of a schedule before it begins. */
export interface Plan {
  readonly workers: number;
  readonly partitions: number;
  readonly stages: 1 | 2;
  /** With checkpoints, which guard by themselves against what is left undecided. */
  readonly stateful: boolean;
  readonly records: number;
  /** In which the input comes and the faults happen. */
  readonly troubledMs: number;
  readonly limits: Limits;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly transactionTimeoutMs: number;
  readonly deadlineMs: number;
  readonly network: NetworkFaults;
  readonly broker: { readonly moved: number; readonly writtenLate: number; readonly refusedBatch: number };
  readonly markerMs: number;
  readonly longMarkers: number;
  /** Of the stage itself: how long a batch takes at most, and how often it fails. */
  readonly workMs: number;
  readonly failing: number;
  readonly actions: readonly Action[];
}

export function drawPlan(random: () => number): Plan {
  const between = (low: number, high: number) => low + random() * (high - low);
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  /** Most schedules have few kinds of faults, so that each is seen alone and with each other. */
  const sometimes = (likely: number, high: number) => (random() < likely ? random() ** 2 * high : 0);
  const pick = <T>(...among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;

  const troubledMs = between(60, 400);
  const transactionTimeoutMs = between(250, 1_000);
  const actions = Array.from({ length: whole(1, 4) }, (): Action => {
    const deed = pick<Deed>('kill', 'kill', 'pause', 'pause', 'stop', 'join', 'cut', 'restart', 'restart');
    return { at: between(0, troubledMs), deed, ms: random() ** 2 * 1_000, choice: random() };
  });
  return {
    workers: random() < 0.8 ? 2 : 3,
    partitions: pick(2, 2, 2, 3, 4),
    stages: random() < 0.1 ? 2 : 1,
    stateful: random() < 0.75,
    records: whole(8, 20),
    troubledMs,
    limits: {
      maxWaitMs: pick(0, 2, 5),
      maxRecords: pick(1, 2, 3, 5),
      maxBytes: pick(20, 1 << 20),
      commit: { commitIntervalMs: pick(0, 10, 50), maxRecords: pick(1, 5, 1_000), maxBytes: pick(100, 1 << 20) },
    },
    sessionTimeoutMs: between(150, 400),
    rebalanceTimeoutMs: between(100, 400),
    heartbeatMs: between(50, 100),
    transactionTimeoutMs,
    deadlineMs: transactionTimeoutMs * between(0.15, random() < 0.2 ? 1.5 : 0.8),
    network: {
      usual: pick(0.5, 2, 5),
      long: sometimes(0.6, 0.3),
      lostRequest: sometimes(0.3, 0.1),
      lostAnswer: sometimes(0.4, 0.15),
      late: sometimes(0.3, 0.1),
      silent: sometimes(0.2, 0.3),
    },
    broker: { moved: sometimes(0.2, 0.1), writtenLate: sometimes(0.2, 0.1), refusedBatch: sometimes(0.3, 0.3) },
    markerMs: pick(0.5, 1, 8),
    longMarkers: sometimes(0.35, 0.6),
    workMs: pick(0, 2, 20),
    failing: sometimes(0.2, 0.15),
    actions: actions.sort((a, b) => a.at - b.at),
  };
}
