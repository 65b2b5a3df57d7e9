import type { InferRequest, InferResponse, StreamResponse } from './infer.ts';
import type { Refusal } from './status.ts';

/** The calls beside inference, by their names in the protocol; messages are plain objects with the protocol's field names. */
export const calls = [
  'ServerLive',
  'ServerReady',
  'ServerMetadata',
  'ModelReady',
  'ModelMetadata',
  'ModelConfig',
  'ModelStatistics',
  'RepositoryIndex',
  'RepositoryModelLoad',
  'RepositoryModelUnload',
] as const;

export type Call = (typeof calls)[number];

/** One client's stream of requests, as the server sees it. */
export interface StreamCall {
  /** A header of the client's, lower case. */
  header(name: string): string | undefined;
  write(response: StreamResponse): void;
  /** Bytes that the client has not yet taken: who writes on regardless grows without bound. */
  readonly unsent: number;
  /** No more requests are taken from the client until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the stream; with a refusal, as a failure. */
  end(refusal?: Refusal): void;
}

export interface StreamListener {
  request(request: InferRequest): void;
  /** What the client sent is no request. */
  garbled(refusal: Refusal): void;
  /** The client will send nothing more, but still listens. */
  halfClosed(): void;
  /** The client is gone. */
  cancelled(): void;
  /** The client has taken what was written. */
  drained(): void;
}

/** What a KServe v2 server does. `server.ts` carries it over gRPC. */
export interface Service {
  /** Calls back once, with the answer or a refusal, unless it was cancelled; returns how to cancel. */
  infer(request: InferRequest, answer: (result: InferResponse | Refusal) => void): () => void;
  stream(call: StreamCall): StreamListener;
  /** Throws a Refusal. */
  call(name: Call, request: object): Promise<object>;
  /** grpc.health.v1.Health/Check */
  health(): 'SERVING' | 'NOT_SERVING';
}
