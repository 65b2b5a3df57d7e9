import type { Pool } from '../execution/pool.ts';
import { setAlarm } from './alarm.ts';
import type { Row } from './step.ts';

/** What a runner runs: batches that are formed as late as can be, when a thread is free. */
export interface Source {
  /** Undefined: nothing to run now. */
  take(now: number): readonly Row[] | undefined;
  /** When there will be something; infinite: nothing waits. */
  due(): number;
  /** Called before the batch's instance is free again. */
  finished(batch: readonly Row[]): void;
}

export type Execute = (batch: readonly Row[], then: () => void) => void;

export interface Runner {
  /** Something may have come that can be run. */
  wake(): void;
  stop(): void;
}

/** Runs the batches of one source on so many instances of its model. */
export function openRunner(source: Source, instances: number, pool: Pool, execute: Execute): Runner {
  let [running, asked, queued] = [0, false, false];
  const alarm = setAlarm(() => {
    go();
  });

  const go = (): void => {
    while (running < instances) {
      const due = source.due();
      if (due === Infinity) return;
      const now = performance.now();
      if (due > now) return alarm.at(due);
      if (queued || !keepThread()) return;
      const batch = source.take(now);
      if (batch === undefined) {
        pool.give();
        return;
      }
      running++;
      execute(batch, () => {
        running--;
        source.finished(batch);
        go();
      });
    }
  };
  const keepThread = (): boolean => {
    const kept = pool.take(() => {
      queued = false;
      go();
    });
    queued = !kept;
    return kept;
  };

  return {
    wake: () => {
      if (asked || running >= instances) return;
      asked = true;
      // What comes with one turn of the event loop goes into one batch.
      setImmediate(() => {
        asked = false;
        go();
      });
    },
    stop: () => {
      alarm.stop();
    },
  };
}
