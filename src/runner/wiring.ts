import type { Feeding, Lane, Sent, Stage } from '../contract/index.ts';

/** A stage with its names and its bytes: all that the runner knows of a topology. */
export interface Wiring<I = unknown, O = unknown, C = unknown> {
  readonly name: string;
  /** The consumer group; its name and a dot begin the transactional ids. */
  readonly group: string;
  readonly from: {
    readonly topic: string;
    readonly decode: (bytes: Buffer) => I | Promise<I>;
    /** What a record without a value comes as; left out, it is refused. */
    readonly empty?: I;
  };
  readonly to: ToTopic<O> | Sink<O>;
  readonly checkpoints?: Checkpoints<C> | undefined;
  /** How the stage wants to be fed, where that is other than usual. */
  readonly gather?: Feeding | undefined;
  readonly deadLetters: { readonly topic: string; readonly partitions: number };
  readonly open: (lane: Omit<Lane<never, C>, 'settings' | 'fleet' | 'ports' | 'source'>) => Stage<I, O, C>;
}

export interface ToTopic<O> {
  readonly topic: string;
  readonly partitions: number;
  readonly encode: (value: O) => Buffer;
}

/**
 * A program outside Kafka. What is written again is the same: a batch that was written and not committed comes a second
 * time. Fails with a code that says whether to try again.
 */
export interface Sink<O> {
  write(values: readonly Sent<O>[], signal: AbortSignal, behind: SourcePosition): Promise<void>;
  /** Of a program that may forget what it took last, should it die. */
  readonly forgetful?: Forgetful;
}

/** The position behind a batch: a program with transactions keeps it beside what it was given, and knows what it has. */
export interface SourcePosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
}

export interface Forgetful {
  /** What was written before this time of the clock is safe. */
  safeBefore(): number;
  /** Aborted once it is found to have forgotten what is not safe; whoever asks then is given another. */
  forgot(): AbortSignal;
}

export interface Checkpoints<C> {
  readonly topic: string;
  readonly encode: (value: C) => Buffer;
  readonly decode: (bytes: Buffer) => C | Promise<C>;
}
