import type { Service } from '../../../kserve/service.ts';
import { answerCall } from './calls.ts';
import { isReady, refusalOf, submit, type Core } from './core.ts';
import { openInferStream } from './infer-stream.ts';

const nothing = (): void => undefined;

export interface CountedService extends Service {
  /** Streams that clients hold open. */
  readonly openStreams: number;
}

/** The server as gRPC sees it. */
export function openService(core: Core): CountedService {
  let open = 0;
  return {
    infer: (request, answer) => {
      try {
        const step = submit(core, request, answer);
        return () => {
          step.cancelled = true;
        };
      } catch (thrown) {
        answer(refusalOf(thrown));
        return nothing;
      }
    },
    stream: (call) => {
      open++;
      let counted = true;
      const gone = (): void => {
        if (counted) open--;
        counted = false;
      };
      const listener = openInferStream(core, {
        header: (name) => call.header(name),
        write: (response) => {
          call.write(response);
        },
        get unsent() {
          return call.unsent;
        },
        pause: () => {
          call.pause();
        },
        resume: () => {
          call.resume();
        },
        end: (refusal) => {
          gone();
          call.end(refusal);
        },
      });
      return {
        request: (request) => {
          listener.request(request);
        },
        garbled: (refusal) => {
          listener.garbled(refusal);
        },
        halfClosed: () => {
          listener.halfClosed();
        },
        drained: () => {
          listener.drained();
        },
        cancelled: () => {
          gone();
          listener.cancelled();
        },
      };
    },
    call: (name, request) => answerCall(core, name, request),
    health: () => (isReady(core) ? 'SERVING' : 'NOT_SERVING'),
    get openStreams() {
      return open;
    },
  };
}
