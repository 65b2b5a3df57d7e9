import type { Broker } from '../broker.ts';
import type { Reading, Writing } from '../codec.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What a connection has said of itself; the same object in all its calls. */
export interface Session {
  mechanism: string | undefined;
  /** Undefined: nobody yet. */
  user: string | undefined;
}

/** Who asks, and how. */
export interface Call {
  readonly broker: Broker;
  readonly version: number;
  readonly clientId: string;
  readonly host: string;
  readonly session: Session;
  /** The connection is gone: nobody waits for the answer. */
  readonly signal: AbortSignal;
}

/** One API of Kafka's protocol: the file is named after its number. What is said to clients is made of the files that there are. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  /** The versions that are read and answered. */
  readonly served: Range;
  /** What clients are told where it is more: librdkafka uses features only if versions are offered that it never asks for. */
  readonly advertised?: Range;
  /** The first version with tagged fields and lengths as varints; Infinity where there is none. */
  readonly flexibleFrom: number;
  read(from: Reading, version: number): Request;
  write(to: Writing, response: Response, version: number): void;
  /** Undefined: nothing is answered at all, as Produce without acks. */
  /** The answer that says this error for all of it; where there is none, a test's fault cuts the connection. */
  refuse?(request: Request, code: number): Response;
  handle(request: Request, call: Call): Response | undefined | Promise<Response | undefined>;
}

/** Any of them, for a table. */
export type AnyApi = Api<unknown, unknown>;

export const asAny = <Request, Response>(api: Api<Request, Response>): AnyApi => api;

export interface Grouped<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}

/** Topics with partitions, as nearly every API groups them. */
export const readTopics = <T>(from: Reading, readPartition: () => T): Grouped<T>[] =>
  from.array(() => from.struct(() => ({ topic: from.string(), partitions: from.array(readPartition) })));

export const writeTopics = <T>(
  to: Writing,
  topics: readonly Grouped<T>[],
  writePartition: (one: T) => unknown,
): Writing =>
  to.array(topics, ({ topic, partitions }) => {
    to.text(topic).array(partitions, writePartition).tags();
  });
