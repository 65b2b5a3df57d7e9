import type { InferRequest, InferResponse, Parameters, StreamResponse } from '../../../kserve/infer.ts';
import type { StreamCall, StreamListener } from '../../../kserve/service.ts';
import { Refusal } from '../../../kserve/status.ts';
import type { Step } from '../batching/step.ts';
import { noParameters } from '../execution/scatter.ts';
import { refusalOf, submit, type Core } from './core.ts';

/** An answer that has its place in the stream before it is there. */
interface Place {
  answer: StreamResponse | undefined;
  /** Why the stream ends here. */
  failure: Refusal | undefined;
  step: Step | undefined;
}

const final: Parameters = new Map([['triton_final_response', { kind: 'bool', value: true }]]);
const nothing: InferResponse = { model: '', version: '', id: '', parameters: noParameters, outputs: [] };

/** Who writes on to a client that does not read holds its answers in memory: beyond these no more of its requests are taken. */
const mostUnsentBytes = 2 ** 20;
const mostHeldBytes = 64 * 2 ** 20;
const lookAgainMs = 50;

const sizeOf = (answer: StreamResponse): number =>
  answer.response.outputs.reduce((sum, { bytes }) => sum + bytes.length, 256);

/** Answers the requests of one stream in their order: an answer waits for those before it. */
export function openInferStream(core: Core, call: StreamCall): StreamListener {
  const failsOnError = call.header('triton_grpc_error') === 'true';
  const places: Place[] = [];
  let [from, held, halfClosed, ended] = [0, 0, false, false];
  let paused: NodeJS.Timeout | undefined;

  const finish = (refusal?: Refusal): void => {
    ended = true;
    clearInterval(paused);
    for (const { step } of places) if (step !== undefined) step.cancelled = true;
    places.length = 0;
    call.end(refusal);
  };
  const tooMuch = (): boolean => held > mostHeldBytes || call.unsent > mostUnsentBytes;
  const resume = (): void => {
    if (paused === undefined || tooMuch()) return;
    clearInterval(paused);
    paused = undefined;
    call.resume();
  };
  const restrain = (): void => {
    if (paused !== undefined || !tooMuch()) return;
    call.pause();
    paused = setInterval(resume, lookAgainMs).unref();
  };
  const flush = (): void => {
    for (let place = places[from]; place?.answer !== undefined; place = places[from]) {
      from++;
      if (place.failure !== undefined) return finish(place.failure);
      held -= sizeOf(place.answer);
      call.write(place.answer);
    }
    if (from > 256 || from === places.length) {
      places.splice(0, from);
      from = 0;
    }
    if (places.length === 0 && halfClosed) return finish();
    restrain();
  };
  const fill = (place: Place, answer: StreamResponse): void => {
    if (ended) return;
    place.answer = answer;
    place.step = undefined;
    held += sizeOf(answer);
    if (places[from] === place) flush();
  };

  return {
    request: (request: InferRequest) => {
      if (ended) return;
      const place: Place = { answer: undefined, failure: undefined, step: undefined };
      places.push(place);
      try {
        place.step = submit(core, request, (result) => {
          if (!(result instanceof Refusal)) {
            fill(place, { error: '', response: { ...result, parameters: final } });
            return;
          }
          if (failsOnError) place.failure = result;
          const { model, id } = request;
          fill(place, { error: result.message || 'unknown', response: { ...nothing, model, id, parameters: final } });
        });
      } catch (thrown) {
        fill(place, { error: refusalOf(thrown).message, response: { ...nothing, id: request.id } });
      }
    },
    garbled: (refusal) => {
      if (!ended) finish(refusal);
    },
    halfClosed: () => {
      halfClosed = true;
      if (!ended && places.length === 0) finish();
    },
    cancelled: () => {
      ended = true;
      clearInterval(paused);
      for (const { step } of places) if (step !== undefined) step.cancelled = true;
      places.length = 0;
    },
    drained: resume,
  };
}
