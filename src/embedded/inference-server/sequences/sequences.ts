import type { Datatype } from '../../../kserve/datatypes.ts';
import { Refusal } from '../../../kserve/status.ts';
import { setAlarm } from '../batching/alarm.ts';
import type { Scheduler } from '../batching/scheduler.ts';
import type { SequenceId, Step } from '../batching/step.ts';
import { openIdleList, type Live } from './idle-list.ts';
import { idle, type Lane, type Sequences } from './lane.ts';
import { openSlots } from './slots.ts';

export interface SequencesOptions {
  readonly model: string;
  /** Of one instance. */
  readonly slots: number;
  readonly instances: number;
  readonly idleMs: number;
  /** Of the input that tells the model the sequence's name, if it has one. */
  readonly idControl: { readonly name: string; readonly datatype: Datatype } | undefined;
  readonly openLane: (instance: number, sequences: Sequences) => Lane;
}

/** A sequence that has no slot yet. */
interface Waiting {
  readonly id: SequenceId;
  readonly steps: Step[];
  deadline: number;
}

/** Closer than this the limit is not looked at: what expires together is let go together. */
const idleGrainMs = 15;

export interface SequenceScheduler extends Scheduler {
  /** A batch has been run. */
  finished(count: number): void;
}

/** Gives sequences their slots, in the order in which they begin, and forgets those that end or fall silent. */
export function openSequences({
  model,
  slots,
  instances,
  idleMs,
  idControl,
  openLane,
}: SequencesOptions): SequenceScheduler {
  const free = openSlots(slots * instances);
  const known = new Map<SequenceId, Live>();
  const waitingById = new Map<SequenceId, Waiting>();
  const backlog = new Set<Waiting>();
  const idleList = openIdleList();
  let [unfinished, stopping] = [0, false];

  const cancel = (step: Step): void => {
    unfinished--;
    if (!step.cancelled) step.answer(new Refusal('CANCELLED', ''));
  };
  const forget = (live: Live): void => {
    known.delete(live.id);
    idleList.remove(live);
  };
  const settle = (id: SequenceId, place: number, touched: number): void => {
    const live: Live = { id, place, touched, before: undefined, after: undefined };
    known.set(id, live);
    idleList.add(live);
    idleAlarm.at(touched + idleMs);
  };
  const leaveBacklog = (waiting: Waiting): void => {
    backlog.delete(waiting);
    if (waitingById.get(waiting.id) === waiting) waitingById.delete(waiting.id);
  };

  const idleAlarm = setAlarm((now) => {
    for (let live = idleList.first; live !== undefined; live = idleList.first) {
      const due = live.touched + idleMs;
      if (due > now) return idleAlarm.at(Math.max(due, now + idleGrainMs));
      forget(live);
      lanes[live.place % instances]?.enqueue(Math.floor(live.place / instances), idle);
    }
  });
  const backlogAlarm = setAlarm((now) => {
    let next = Infinity;
    for (const waiting of backlog) {
      if (waiting.deadline > now) {
        next = Math.min(next, waiting.deadline);
        continue;
      }
      leaveBacklog(waiting);
      unfinished -= waiting.steps.length;
      for (const step of waiting.steps) {
        if (!step.cancelled)
          step.answer(new Refusal('UNAVAILABLE', 'timeout of the corresponding sequence has been expired'));
      }
    }
    if (next < Infinity) backlogAlarm.at(next);
  });

  const sequences: Sequences = {
    released: (place) => {
      for (const waiting of backlog) {
        leaveBacklog(waiting);
        const { steps, id } = waiting;
        // The client of the first request has gone: nobody holds this sequence any more.
        if (steps[0]?.cancelled === true) {
          for (const step of steps) cancel(step);
          continue;
        }
        const last = steps.at(-1);
        if (last?.end === false) settle(id, place, last.arrived);
        for (const step of steps) step.place = place;
        return steps;
      }
      free.free(place);
      return [];
    },
    abandoned: (step) => {
      const live = step.sequence === undefined ? undefined : known.get(step.sequence);
      if (live?.place === step.place) forget(live);
    },
    dropped: cancel,
  };
  const lanes = Array.from({ length: instances }, (_, instance) => openLane(instance, sequences));

  const wait = (id: SequenceId, step: Step): void => {
    let waiting = waitingById.get(id);
    if (waiting === undefined) {
      waiting = { id, steps: [], deadline: Infinity };
      waitingById.set(id, waiting);
      backlog.add(waiting);
    }
    waiting.steps.push(step);
    waiting.deadline = Math.min(waiting.deadline, step.deadline);
    backlogAlarm.at(waiting.deadline);
    if (step.end) waitingById.delete(id);
  };

  return {
    enqueue: (step) => {
      const { sequence: id, start, end } = step;
      if (step.rows !== 1)
        throw refuse(
          `inference request to model '${model}' must specify batch-size 1 due to requirements of sequence batcher`,
        );
      if (id === undefined)
        throw refuse(`inference request to model '${model}' must specify a non-zero or non-empty correlation ID`);
      // 24.10 hands the model garbage here; later releases refuse it.
      if (idControl !== undefined && (typeof id === 'string') !== (idControl.datatype === 'BYTES')) {
        const type = typeof id === 'string' ? 'BYTES' : 'INT64';
        throw refuse(
          `sequence batching control '${idControl.name}' data-type is '${type}', but model '${model}' expects '${idControl.datatype}'`,
        );
      }
      if (start && stopping) {
        throw new Refusal(
          'UNAVAILABLE',
          'Server is stopping, scheduler for model has stopped accepting new inference requests',
        );
      }
      const live = known.get(id);
      const waits = live === undefined && waitingById.has(id);
      if (!start && live === undefined && !waits) {
        throw refuse(
          `inference request for sequence ${id} to model '${model}' must specify the START flag on the first request of the sequence`,
        );
      }
      unfinished++;
      if (live !== undefined) {
        idleList.remove(live);
        live.touched = step.arrived;
        if (end) known.delete(id);
        else idleList.add(live);
        step.place = live.place;
      } else {
        const place = waits ? undefined : free.take();
        if (place === undefined) return wait(id, step);
        if (!end) settle(id, place, step.arrived);
        step.place = place;
      }
      lanes[step.place % instances]?.enqueue(Math.floor(step.place / instances), step);
    },
    deadlineOf: (timeoutMicroseconds, now) => (timeoutMicroseconds > 0 ? now + timeoutMicroseconds / 1000 : Infinity),
    finished: (count) => {
      unfinished -= count;
    },
    refuseStarts: () => {
      stopping = true;
    },
    get live() {
      return known.size + backlog.size;
    },
    get pending() {
      return unfinished;
    },
    close: () => {
      idleAlarm.stop();
      backlogAlarm.stop();
      for (const lane of lanes) lane.close();
    },
  };
}

const refuse = (message: string): Refusal => new Refusal('INVALID_ARGUMENT', message);
