import type { Run, RunAnswer, Scored, Sequences } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import { errorOf, Failure } from './failure.ts';
import type { Parameters } from '../kserve/infer.ts';
import type { Holder, Slots } from './slots.ts';
import { answerOf, parametersOf, requestOf, type Step, type StepForm } from './step.ts';

/** A model as its server has it. */
export interface ReadyModel {
  readonly form: StepForm;
  readonly endpoint: Endpoint;
  readonly slots: Slots;
  /** After so long without a request the server forgets a sequence. */
  readonly idleMs: number;
}

export interface SequencesOptions {
  readonly opening: string;
  readonly requestTimeoutMs: number;
  /** The model, on the server that this entity belongs to. */
  readonly ready: (model: string, entity: string) => ReadyModel | Promise<ReadyModel>;
  readonly closed: () => void;
}

export interface LaneSequences extends Sequences {
  /** Ends all that are open on that server. */
  endOn(endpoint: Endpoint): void;
}

interface Open extends Holder {
  readonly id: string;
  readonly parameters: Parameters;
  readonly place: number;
  readonly model: ReadyModel;
  /** What the server's state is equal to: the very array that was handed out. */
  state: Float32Array;
  steps: number;
  usedAt: number;
  busy: boolean;
}

let requests = 0;

export function openSequences(options: SequencesOptions): LaneSequences {
  const { opening, requestTimeoutMs, ready } = options;
  const open = new Map<string, Open>();
  let starts = 0;

  /** A dummy sample with END; what is answered does not matter: it is gone, or it was. */
  const end = ({ id, model, place }: Pick<Open, 'id' | 'model' | 'place'>): void => {
    const { form, endpoint } = model;
    const initial = new Float32Array(form.state.reduce((product, length) => product * length, 1));
    const values = new Float32Array(form.sensors);
    const parameters = parametersOf(id);
    const step: Step = { id: `${++requests}`, parameters, start: false, end: true, place, initial, values };
    endpoint.end(requestOf(form, step), requestTimeoutMs);
  };
  const forget = (entity: string, one: Open): void => {
    if (open.get(entity) === one) open.delete(entity);
    one.model.slots.giveBack(one);
  };

  const begin = (run: Run, model: ReadyModel): Open => {
    // Never the same twice, in no process: nobody who still talks to the server can touch it.
    const id = `${run.entity}@${opening}.${++starts}`;
    if (id.length > 128)
      throw new DownlinkError(
        'config-invalid',
        `the names in ${run.entity} are too long: a sequence's id has room for 128`,
      );
    const begun: Open = {
      id,
      parameters: parametersOf(id),
      place: run.place,
      model,
      state: run.from,
      steps: 0,
      usedAt: 0,
      busy: true,
      leave: () => {
        forget(run.entity, begun);
        end(begun);
      },
    };
    open.set(run.entity, begun);
    return begun;
  };

  /** The open sequence if it stands exactly where the run begins, else a new one. */
  const sequenceFor = (run: Run, model: ReadyModel): Open | Promise<Open> => {
    const found = open.get(run.entity);
    const fresh = found !== undefined && performance.now() - found.usedAt < model.idleMs / 2;
    if (fresh && found.state === run.from && found.model === model) {
      model.slots.use(found);
      return found;
    }
    if (found !== undefined) found.leave();
    else if (run.left !== undefined && run.left !== '') end({ id: run.left, model, place: run.place });
    return model.slots.enter(() => begin(run, model));
  };

  const attempt = async (run: Run, model: ReadyModel): Promise<RunAnswer> => {
    const given = sequenceFor(run, model);
    const sequence = given instanceof Promise ? await given : given;
    const { form, endpoint } = model;
    sequence.busy = true;
    try {
      let steps = sequence.steps;
      // All at once: the server takes them one after the other, and only the first has to wait for the way there.
      const answers = run.pieces.map((values) => {
        const step = {
          id: `${++requests}`,
          parameters: sequence.parameters,
          start: steps === 0,
          place: run.place,
          initial: run.from,
          values,
        };
        const before = steps;
        steps += values.length / form.sensors;
        return endpoint
          .send(requestOf(form, step), requestTimeoutMs)
          .then((found) => answerOf(form, step, before, found));
      });
      const pieces = await Promise.all(answers);
      const last = pieces.at(-1);
      if (last !== undefined) {
        sequence.state = last.state;
        sequence.steps = last.steps;
      }
      sequence.usedAt = performance.now();
      return { pieces: pieces satisfies Scored[], sequence: sequence.id, version: last?.version ?? '' };
    } catch (thrown) {
      // What the server's state is now, nobody knows.
      forget(run.entity, sequence);
      // If it is there all the same, it would keep its slot until the server forgets it.
      if (sequence.steps > 0 || !(thrown instanceof Failure) || thrown.heard) end(sequence);
      throw thrown;
    } finally {
      sequence.busy = false;
      model.slots.rest();
    }
  };

  return {
    run: async (run, signal) => {
      const what = `scoring ${run.entity} with ${run.model}`;
      try {
        const found = ready(run.model, run.entity);
        const model = found instanceof Promise ? await found : found;
        if (signal.aborted) throw new Failure('unavailable', 'no longer wanted');
        try {
          return await attempt(run, model);
        } catch (thrown) {
          if (!(thrown instanceof Failure) || thrown.meaning !== 'lost') throw thrown;
          // Restarted, reloaded or idle for too long. A new one begins where this one should have been.
          return await attempt(run, model);
        }
      } catch (thrown) {
        if (signal.aborted) throw new DownlinkError('inference-unavailable', `${what}: no longer wanted`);
        throw errorOf(thrown, what);
      }
    },
    endOn: (endpoint) => {
      for (const one of open.values()) if (one.model.endpoint === endpoint) one.leave();
    },
    close: () => {
      for (const one of open.values()) one.leave();
      options.closed();
      return Promise.resolve();
    },
  };
}
