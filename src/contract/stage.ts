import type { Code } from '../errors.ts';
import type { Declaration } from './declaration.ts';
import type { Inference } from './inference.ts';

/** One record of the source, decoded. */
export interface Incoming<I> {
  readonly key: string | null;
  readonly value: I;
  readonly offset: bigint;
  /** Kafka's: when it was made or, if the topic says so, when the broker took it. Stages have no other clock. */
  readonly timestamp: number;
  /** The text of a header, looked for when it is asked for: null where the record has none of that name. */
  header?(name: string): string | null;
}

/** Records of one partition in the order of their offsets, at least one. */
export interface Batch<I> {
  readonly records: readonly Incoming<I>[];
  /** How many more wait in the partition. */
  readonly behind: bigint;
}

/** Goes to the stage's topic or, where it has a sink, to that. */
export interface Sent<O> {
  readonly key: string;
  readonly value: O;
  /** Only of a stage that re-keys; all others keep the partition of what they read. */
  readonly partition?: number;
}

/** A record, or only some samples of it, that the stage refuses: it becomes a dead letter, byte for byte. */
export interface Rejection {
  /** Its place in the batch. */
  readonly record: number;
  /** The places of the samples in the record; left out, all of them. */
  readonly samples?: readonly number[];
  readonly code: Code;
  readonly detail: string;
}

/** All of it becomes visible at once, together with the position behind the batch; or none of it, ever. */
export interface Outcome<O, C> {
  readonly send: readonly Sent<O>[];
  readonly reject?: readonly Rejection[];
  /** What the lane restores from now on, by key; null forgets a key. */
  readonly checkpoint?: ReadonlyMap<string, C | null>;
}

/**
 * The work on one partition. It never retries, logs, counts, commits or reads a clock, and knows no topic's name. What it
 * throws concerns the whole batch. It never has to undo: after anything but a commit it is closed, and another is opened
 * from what is committed.
 */
export interface Stage<I, O, C = never> {
  process(batch: Batch<I>, signal: AbortSignal): Promise<Outcome<O, C>> | Outcome<O, C>;
  close?(): Promise<void>;
}

/** One entity as the topology describes it. */
export interface FleetEntity {
  readonly satellite: string;
  readonly name: string;
  /** In the order of the values. */
  readonly sensors: readonly string[];
  readonly model: string;
  readonly threshold: number | undefined;
}

/** What stages reach outside Kafka, beside sinks. Asking for what nobody set up throws a coded error. */
export interface Ports {
  inference(): Inference;
}

/** What a stage is opened with, at each assignment of a partition and after each batch that was not committed. */
export interface Lane<S, C = never> {
  readonly settings: S;
  readonly partition: number;
  /** Kafka's name of the topic that is read, for who has to tell others where a record lies; nothing else may depend on it. */
  readonly source: string;
  /** How many partitions the topic has that the stage writes. */
  readonly partitions: number;
  /** Never the same twice, in no process: the name under which this opening may keep state elsewhere. */
  readonly opening: string;
  /** By `satellite/entity`. */
  readonly fleet: ReadonlyMap<string, FleetEntity>;
  /** The latest committed checkpoint of each key. */
  readonly restored: ReadonlyMap<string, C>;
  readonly ports: Ports;
}

export interface Definition<S = unknown, I = unknown, O = unknown, C = unknown> extends Declaration<S> {
  open(lane: Lane<S, C>): Stage<I, O, C>;
}
