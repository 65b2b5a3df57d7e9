import { openBatches, type BatchRules } from '../batching/batches.ts';
import { openRunner, type Execute } from '../batching/runner.ts';
import type { Step } from '../batching/step.ts';
import type { Pool } from '../execution/pool.ts';
import { idle, type Item, type Lane, type Sequences } from './lane.ts';

export interface LaneOptions {
  readonly instance: number;
  readonly instances: number;
  readonly sequences: Sequences;
  readonly pool: Pool;
  readonly execute: Execute;
  readonly finished: (count: number) => void;
}

interface Slot {
  /** Undefined: nothing waits. Most of the time nothing does, and slots may be many. */
  queue: Item[] | undefined;
  /** A request of it waits for its batch or runs; the next has to wait, for it needs the state. */
  inFlight: boolean;
}

const isBusy = ({ inFlight }: Slot): boolean => inFlight;

/** The strategy `oldest`: requests of different sequences share batches, in the order in which they came. */
export function openOldestLane(rules: BatchRules, options: LaneOptions): Lane {
  const { instance, instances, sequences, pool, execute, finished } = options;
  const slots: Slot[] = [];
  const batches = openBatches(rules);
  const runner = openRunner(
    {
      take: (now) => batches.take(now),
      due: () => batches.due(),
      finished: (batch) => {
        finished(batch.length);
        for (const step of batch) if (step !== undefined) advance(Math.floor(step.place / instances));
      },
    },
    1,
    pool,
    execute,
  );

  const issue = (slot: Slot, step: Step): void => {
    slot.inFlight = true;
    batches.add(step);
    runner.wake();
  };
  /** A request that its client has given up takes all others that wait with it. */
  const giveUp = (step: Step, rest: readonly Item[] | undefined): void => {
    sequences.abandoned(step);
    sequences.dropped(step);
    for (const item of rest ?? []) if (item !== idle) sequences.dropped(item);
  };

  const advance = (index: number, waited = true): void => {
    const slot = slots[index];
    if (slot === undefined) return;
    slot.inFlight = false;
    while (!isBusy(slot)) {
      const item = slot.queue?.shift();
      if (item === undefined) break;
      const runs = item !== idle && !item.cancelled;
      if (runs) {
        if (waited) item.ready = performance.now();
        issue(slot, item);
      } else if (item !== idle) giveUp(item, slot.queue);
      // The slot has no sequence any more, though the last request of one may still run in it.
      if (!runs || item.end) slot.queue = [...sequences.released(index * instances + instance)];
    }
    if (slot.queue?.length === 0) slot.queue = undefined;
  };

  return {
    enqueue: (index, item) => {
      const slot = (slots[index] ??= { queue: undefined, inFlight: false });
      if (slot.queue === undefined && !slot.inFlight && item !== idle && !item.end) return issue(slot, item);
      (slot.queue ??= []).push(item);
      if (!slot.inFlight) advance(index, false);
    },
    close: () => {
      runner.stop();
    },
  };
}
