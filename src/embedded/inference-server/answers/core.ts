import type { InferRequest } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import type { Result, Step } from '../batching/step.ts';
import type { Pool } from '../execution/pool.ts';
import { parametersOf } from '../model/parameters.ts';
import { prepare } from '../model/prepare.ts';
import type { Repository } from '../repository/repository.ts';
import type { InferenceServerSettings } from '../settings.ts';

/** What all ways into the server share. */
export interface Core {
  readonly settings: InferenceServerSettings;
  readonly repository: Repository;
  readonly pool: Pool;
  /** `loading` until the models of the start have been tried, `exiting` once it has been told to stop. */
  phase: 'loading' | 'serving' | 'exiting';
  readonly beganAt: number;
}

export const isReady = ({ phase, repository, settings }: Core): boolean =>
  phase === 'serving' && (!settings.strictReadiness || repository.failed.length === 0);

/** Starts a request on its way. Throws a Refusal where it is not taken; what happens later is answered. */
export function submit({ repository }: Core, request: InferRequest, answer: (result: Result) => void): Step {
  const { plan, scheduler, statistics } = repository.find(request.model, request.version);
  const { sequence, start, end, timeout } = parametersOf(request.parameters);
  const { tensors, shapes, shapeKey, rows, wanted } = prepare(plan, request);
  const arrived = performance.now();
  const step: Step = {
    id: request.id,
    tensors,
    shapes,
    shapeKey,
    rows,
    wanted,
    sequence,
    start,
    end,
    arrived,
    deadline: scheduler.deadlineOf(timeout, arrived),
    answer,
    cancelled: false,
    ready: arrived,
    place: -1,
  };
  try {
    scheduler.enqueue(step);
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.status === 'UNAVAILABLE') statistics.rejected();
    throw thrown;
  }
  return step;
}

export const refusalOf = (thrown: unknown): Refusal =>
  thrown instanceof Refusal
    ? thrown
    : new Refusal('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown));
