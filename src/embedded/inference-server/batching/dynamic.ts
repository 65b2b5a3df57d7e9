import { Refusal } from '../../../kserve/status.ts';
import type { ModelConfig } from '../config/model-config.ts';
import type { Pool } from '../execution/pool.ts';
import { setAlarm } from './alarm.ts';
import { openBatches, type Batches } from './batches.ts';
import { openRunner, type Execute } from './runner.ts';
import type { Scheduler } from './scheduler.ts';
import type { Step } from './step.ts';

export interface DynamicOptions {
  readonly config: ModelConfig;
  readonly maxBatch: number;
  readonly instances: number;
  readonly pool: Pool;
  readonly execute: Execute;
}

/** For models without state: requests share executions, if the configuration says so. */
export function openDynamic({ config, maxBatch, instances, pool, execute }: DynamicOptions): Scheduler {
  const { dynamic_batching: dynamic } = config;
  const policy = dynamic?.default_queue_policy ?? {};
  const { max_queue_size: longest = 0, timeout_action: action = 'REJECT' } = policy;
  const alone = dynamic === undefined;
  // Without the dynamic batcher each request is an execution of its own: a preferred size that all requests reach.
  const batches: Batches = openBatches({
    most: alone ? 1 : maxBatch,
    preferred: alone ? [] : [...(dynamic.preferred_batch_size ?? [])].sort((a, b) => a - b),
    delayMs: Number(dynamic?.max_queue_delay_microseconds ?? 0) / 1000,
  });
  const patience = new Set<Step>();
  let late: Step[] = [];
  let [unfinished, stopped] = [0, false];

  const answered = (step: Step, result: Refusal): void => {
    unfinished--;
    patience.delete(step);
    if (!step.cancelled) step.answer(result);
  };
  const alarm = setAlarm((now) => {
    let next = Infinity;
    for (const step of patience) {
      if (step.deadline <= now) expire(step);
      else next = Math.min(next, step.deadline);
    }
    if (next < Infinity) alarm.at(next);
  });
  const gone = new Set<Step>();
  const expire = (step: Step): void => {
    patience.delete(step);
    gone.add(step);
    if (action === 'DELAY') late.push(step);
    else answered(step, new Refusal('UNAVAILABLE', 'Request timeout expired'));
  };

  /** Leaves out what was cancelled or came too late. */
  const alive = (step: Step): boolean => {
    patience.delete(step);
    if (gone.delete(step)) return false;
    if (!step.cancelled) return true;
    unfinished--;
    return false;
  };
  const take = (now: number): readonly Step[] | undefined => {
    for (;;) {
      const batch = batches.take(now);
      if (batch === undefined) break;
      const left = batch.filter(alive);
      if (left.length > 0) return left;
    }
    const [first, ...rest] = late.filter(({ cancelled }) => !cancelled);
    unfinished -= late.length - rest.length - (first === undefined ? 0 : 1);
    late = rest;
    return first === undefined ? undefined : [first];
  };
  const runner = openRunner(
    {
      take,
      due: () => (late.length > 0 ? 0 : batches.due()),
      finished: (batch) => {
        unfinished -= batch.length;
      },
    },
    instances,
    pool,
    execute,
  );

  return {
    enqueue: (step) => {
      if (stopped)
        throw new Refusal(
          'UNAVAILABLE',
          'Server is stopping, scheduler for model has stopped accepting new inference requests',
        );
      if (longest > 0 && batches.waiting - gone.size >= longest) {
        throw new Refusal(
          'UNAVAILABLE',
          `[request id: ${step.id === '' ? '<id_unknown>' : step.id}] Exceeds maximum queue size`,
        );
      }
      unfinished++;
      batches.add(step);
      if (step.deadline < Infinity) {
        patience.add(step);
        alarm.at(step.deadline);
      }
      runner.wake();
    },
    deadlineOf: (timeoutMicroseconds, now) => {
      const own = policy.allow_timeout_override === true ? timeoutMicroseconds : 0;
      const given = Number(policy.default_timeout_microseconds ?? 0);
      const least = own > 0 && (given === 0 || own < given) ? own : given;
      return least > 0 ? now + least / 1000 : Infinity;
    },
    refuseStarts: () => {
      stopped = true;
    },
    get live() {
      return 0;
    },
    get pending() {
      return unfinished;
    },
    close: () => {
      alarm.stop();
      runner.stop();
    },
  };
}
