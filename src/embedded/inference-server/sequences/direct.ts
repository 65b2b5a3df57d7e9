import { openRunner } from '../batching/runner.ts';
import type { Row, Step } from '../batching/step.ts';
import { idle, type Item, type Lane } from './lane.ts';
import type { LaneOptions } from './oldest.ts';

export interface DirectRules {
  readonly slots: number;
  readonly delayMs: number;
  /** Of the slots; fewer that have work wait for others, as long as the delay allows. */
  readonly leastUtilization: number;
}

/** The strategy `direct`: each sequence has a row of the batch to itself, which is empty when it has no request. */
export function openDirectLane({ slots, delayMs, leastUtilization }: DirectRules, options: LaneOptions): Lane {
  const { instance, instances, sequences, pool, execute, finished } = options;
  const queues = Array.from({ length: slots }, (): Item[] => []);

  /** What stands at the head of a slot's queue, after those that will never be run. */
  const head = (slot: number): Step | undefined => {
    for (;;) {
      const queue = queues[slot] ?? [];
      const [item] = queue;
      if (item === undefined || (item !== idle && !item.cancelled)) return item;
      if (item !== idle) {
        sequences.abandoned(item);
        for (const dropped of queue) if (dropped !== idle) sequences.dropped(dropped);
      }
      queues[slot] = [...sequences.released(slot * instances + instance)];
    }
  };
  const heads = (): readonly Row[] => queues.map((_, slot) => head(slot));

  const due = (): number => {
    const ready = heads().filter((step) => step !== undefined);
    if (ready.length === 0) return Infinity;
    const oldest = Math.min(...ready.map(({ arrived }) => arrived));
    return delayMs === 0 || ready.length >= leastUtilization * slots ? oldest : oldest + delayMs;
  };
  const take = (): readonly Row[] | undefined => {
    const ready = heads();
    const oldest = ready.reduce(
      (a, b) => (a === undefined || (b !== undefined && b.arrived < a.arrived) ? b : a),
      undefined,
    );
    if (oldest === undefined) return undefined;
    // Rows of one execution have one shape; the others have their turn next.
    const rows = ready.map((step) => (step?.shapeKey === oldest.shapeKey ? step : undefined));
    rows.length = rows.findLastIndex((step) => step !== undefined) + 1;
    rows.forEach((step, slot) => {
      if (step === undefined) return;
      queues[slot]?.shift();
      if (step.end) queues[slot] = [...sequences.released(slot * instances + instance)];
    });
    return rows;
  };

  const runner = openRunner(
    {
      take,
      due,
      finished: (batch) => {
        finished(batch.filter((row) => row !== undefined).length);
      },
    },
    1,
    pool,
    execute,
  );
  return {
    enqueue: (slot, item) => {
      queues[slot]?.push(item);
      runner.wake();
    },
    close: () => {
      runner.stop();
    },
  };
}
