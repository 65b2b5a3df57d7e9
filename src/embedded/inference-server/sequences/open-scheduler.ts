import type { Execute } from '../batching/runner.ts';
import type { Scheduler } from '../batching/scheduler.ts';
import type { SequenceBatching } from '../config/model-config.ts';
import type { Pool } from '../execution/pool.ts';
import type { ControlPlan } from '../model/controls.ts';
import { openDirectLane } from './direct.ts';
import { openOldestLane, type LaneOptions } from './oldest.ts';
import { openSequences, type SequenceScheduler } from './sequences.ts';

export interface SequenceSchedulerOptions {
  readonly model: string;
  readonly config: SequenceBatching;
  readonly controls: readonly ControlPlan[];
  readonly maxBatch: number;
  readonly instances: number;
  readonly pool: Pool;
  readonly execute: Execute;
}

export function openSequenceScheduler({
  model,
  config,
  controls,
  maxBatch,
  instances,
  pool,
  execute,
}: SequenceSchedulerOptions): Scheduler {
  const { oldest, direct } = config;
  const candidates = oldest?.max_candidate_sequences ?? 0;
  const slots = candidates > 0 ? candidates : maxBatch;
  const delayMs = Number((oldest ?? direct)?.max_queue_delay_microseconds ?? 0) / 1000;
  const scheduler: SequenceScheduler = openSequences({
    model,
    slots,
    instances,
    idleMs: Number(config.max_sequence_idle_microseconds) / 1000,
    idControl: controls.find(({ kind }) => kind === 'id'),
    openLane: (instance, sequences) => {
      const finished = (count: number): void => {
        scheduler.finished(count);
      };
      const options: LaneOptions = { instance, instances, sequences, pool, execute, finished };
      if (oldest === undefined) {
        return openDirectLane({ slots, delayMs, leastUtilization: direct?.minimum_slot_utilization ?? 0 }, options);
      }
      const preferred = [...(oldest.preferred_batch_size ?? [])].sort((a, b) => a - b);
      return openOldestLane({ most: maxBatch, preferred, delayMs }, options);
    },
  });
  return scheduler;
}
