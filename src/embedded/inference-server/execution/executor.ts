import { Refusal } from '../../../kserve/status.ts';
import type { Execute } from '../batching/runner.ts';
import type { Result, Row, Step } from '../batching/step.ts';
import type { Plan } from '../model/plan.ts';
import type { Statistics } from '../model/statistics.ts';
import { gather, type Gathered } from './gather.ts';
import type { Pool, Session } from './pool.ts';
import type { Done } from './protocol.ts';
import { scatter } from './scatter.ts';
import { openStateSlab } from './state-slab.ts';

/** Runs batches of one version of a model. A batch that fails leaves the states as they were. */
export function openExecutor(plan: Plan, session: Session, pool: Pool, statistics: Statistics): Execute {
  const slab = openStateSlab(plan.stateBytes);
  let spare: ArrayBuffer | undefined;

  const finish = (step: Step, result: Result): void => {
    if (!step.cancelled) step.answer(result);
  };
  const fail = (batch: readonly Row[], refusal: Refusal): void => {
    const now = performance.now();
    for (const step of batch) {
      if (step === undefined) continue;
      statistics.failed(now - step.arrived);
      finish(step, refusal);
    }
  };

  return (batch, then) => {
    const began = performance.now();
    let gathered: Gathered;
    try {
      if (plan.broken !== undefined) throw plan.broken;
      gathered = gather(plan, batch, slab, spare);
    } catch (thrown) {
      pool.give();
      // Whoever called goes on with its own work first.
      setImmediate(() => {
        fail(batch, thrown instanceof Refusal ? thrown : new Refusal('INTERNAL', String(thrown)));
        then();
      });
      return;
    }
    spare = undefined;
    const ready = performance.now();
    pool.run(session, gathered, (done: Done | Error) => {
      if (done instanceof Error) {
        fail(batch, new Refusal('INTERNAL', `onnx runtime error ${errorCode(done.message)}: ${done.message}`));
        return then();
      }
      spare = done.used;
      const back = performance.now();
      let succeeded = 0;
      scatter(plan, batch, done, slab, (step, result) => {
        if (result instanceof Refusal) statistics.failed(back - step.arrived);
        else {
          succeeded += step.rows;
          statistics.succeeded(back - step.arrived, began - step.arrived);
        }
        finish(step, result);
      });
      statistics.executed(rowsOf(batch), succeeded, {
        input: ready - began,
        infer: back - ready,
        output: performance.now() - back,
      });
      then();
    });
  };
}

const rowsOf = (batch: readonly Row[]): number => batch.reduce((sum, row) => sum + (row?.rows ?? 1), 0);

/** ONNX Runtime has numbers for its errors, which do not come with their texts. */
const errorCode = (message: string): number =>
  /^(Got invalid dimensions|Unexpected input data type|Invalid rank|Invalid (in|out)put name|Missing Input)/.test(
    message,
  )
    ? 2
    : 6;
