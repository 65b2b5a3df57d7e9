import type { InferRequest, InferResponse } from '../kserve/infer.ts';
import type { RequestStream, StreamHandlers } from '../kserve/stream.ts';
import { Failure, meaningOf } from './failure.ts';

export interface EndpointOptions {
  readonly address: string;
  readonly open: (handlers: StreamHandlers) => RequestStream;
  /** The server is stopping and waits for every sequence to be ended; what is to be sent for that is sent by the callee. */
  readonly onStopping: () => void;
  /** A request of that model was answered, so long after it was sent. */
  readonly onAnswer: (model: string, ms: number) => void;
}

/** One stream to one server. Answers come in the order of the requests, so the oldest is always the one that is next. */
export interface Endpoint {
  readonly address: string;
  /** Fails with a Failure. */
  send(request: InferRequest, timeoutMs: number): Promise<InferResponse>;
  /** For a request that ends a sequence, whose answer does not matter. If it is lost, the next stream begins with it. */
  end(request: InferRequest, timeoutMs: number): void;
  close(): void;
}

interface Pending {
  readonly request: InferRequest;
  readonly timeoutMs: number;
  /** Set when it is. */
  sentAt: number;
  readonly resolve: (response: InferResponse) => void;
  readonly reject: (failure: Failure) => void;
}

const untilOf = ({ sentAt, timeoutMs }: Pending): number => sentAt + timeoutMs;

/** So much is under way at most; the rest waits here, where it is bounded by what the stages hold. */
const mostUnderWay = 512;
const mostUnsentBytes = 4 * 2 ** 20;
/** Of those that are older the server knows nothing any more, or soon. */
const mostOwed = 4_096;
const shortestPauseMs = 50;
const longestPauseMs = 2_000;

export function openEndpoint({ address, open, onStopping, onAnswer }: EndpointOptions): Endpoint {
  let stream: RequestStream | undefined;
  let underWay: Pending[] = [];
  let first = 0;
  let waiting: Pending[] = [];
  let owed: (readonly [InferRequest, timeoutMs: number])[] = [];
  let failures = 0;
  let notBefore = 0;
  let alarm: NodeJS.Timeout | undefined;
  let stopping = false;

  const oldest = (): Pending | undefined => underWay[first];

  const takeOldest = (): Pending | undefined => {
    const pending = underWay[first];
    if (pending === undefined) return undefined;
    first++;
    if (first > 256 && first * 2 > underWay.length) {
      underWay = underWay.slice(first);
      first = 0;
    }
    return pending;
  };

  /** One timer for all: whoever waits longest is the oldest. */
  const watch = (): void => {
    const next = oldest();
    if (alarm !== undefined || next === undefined) return;
    alarm = setTimeout(
      () => {
        alarm = undefined;
        const late = oldest();
        if (late !== undefined && untilOf(late) <= performance.now()) {
          // What it did is not known, and all behind it waits for it: none of them counts any more.
          fail(new Failure('unavailable', `no answer from ${address} within ${late.timeoutMs} ms`));
        } else watch();
      },
      Math.max(1, untilOf(next) - performance.now()),
    );
  };

  const fail = (failure: Failure): void => {
    const gone = [...underWay.slice(first), ...waiting];
    underWay = [];
    first = 0;
    waiting = [];
    clearTimeout(alarm);
    alarm = undefined;
    const old = stream;
    const heard = old?.connected ?? false;
    stream = undefined;
    stopping = false;
    failures++;
    notBefore = performance.now() + Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(failures - 1, 10));
    const told = heard ? failure : new Failure(failure.meaning, failure.message, false);
    for (const { reject } of gone) reject(told);
    old?.cancel();
  };

  const flow = (): void => {
    if (stream === undefined) return;
    let sent = 0;
    while (sent < waiting.length && underWay.length - first < mostUnderWay && stream.unsent < mostUnsentBytes) {
      const pending = waiting[sent++];
      if (pending === undefined) break;
      pending.sentAt = performance.now();
      underWay.push(pending);
      stream.send(pending.request);
    }
    if (sent > 0) waiting = waiting.slice(sent);
    watch();
  };

  const connect = (): RequestStream => {
    const mine: RequestStream = open({
      answered: ({ error, response }) => {
        if (stream !== mine) return;
        const pending = takeOldest();
        if (pending?.request.id !== response.id) {
          fail(
            new Failure(
              'unavailable',
              `${address} answered ${response.id}, and ${pending?.request.id ?? 'nothing'} was asked`,
            ),
          );
          return;
        }
        failures = 0;
        if (error === '') {
          onAnswer(pending.request.model, performance.now() - pending.sentAt);
          pending.resolve(response);
        } else {
          const failure = new Failure(meaningOf(undefined, error), error);
          pending.reject(failure);
          if (failure.meaning === 'stopping') leave();
        }
        if (waiting.length > 0) flow();
      },
      drained: flow,
      ended: (refusal) => {
        if (stream !== mine) return;
        const text = refusal?.message ?? 'the server ended the stream';
        const meaning = meaningOf(refusal?.status ?? 'UNAVAILABLE', text);
        // A stream that ends says nothing of a single request.
        fail(new Failure(meaning === 'refused' ? 'refused' : 'unavailable', `${address}: ${text}`));
      },
    });
    return mine;
  };

  const leave = (): void => {
    if (stopping) return;
    onStopping();
    stopping = true;
    stream?.halfClose();
  };

  const post = (request: InferRequest, timeoutMs: number): Promise<InferResponse> =>
    new Promise((resolve, reject) => {
      waiting.push({ request, timeoutMs, sentAt: 0, resolve, reject });
    });

  const finish = (answer: Promise<InferResponse>, request: InferRequest, timeoutMs: number): void => {
    answer.catch((thrown: unknown) => {
      if (!(thrown instanceof Failure) || thrown.meaning !== 'unavailable') return;
      owed.push([request, timeoutMs]);
      if (owed.length > mostOwed) owed.shift();
    });
  };

  const send = (request: InferRequest, timeoutMs: number): Promise<InferResponse> => {
    if (stopping) return Promise.reject(new Failure('unavailable', `${address} is stopping`, false));
    if (stream === undefined) {
      const pause = notBefore - performance.now();
      if (pause > 0)
        return Promise.reject(
          new Failure('unavailable', `${address} is not there; tried again in ${Math.ceil(pause)} ms`, false),
        );
      stream = connect();
      const first = owed;
      owed = [];
      for (const [ending, withinMs] of first) finish(post(ending, withinMs), ending, withinMs);
    }
    const answer = post(request, timeoutMs);
    // Almost always it may go at once.
    flow();
    return answer;
  };

  return {
    address,
    send,
    end: (request, timeoutMs) => {
      finish(send(request, timeoutMs), request, timeoutMs);
    },
    close: () => {
      if (stream !== undefined) fail(new Failure('unavailable', 'closed here'));
    },
  };
}
