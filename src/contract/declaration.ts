import type { SchemaName } from './records/schemas.ts';
import type { TableName } from './row.ts';
import type { Shape } from './settings.ts';

/** What a stage says of itself before it runs: enough to check a topology file, draw it, and list what it needs. */
export interface Declaration<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly settings: Shape<S>;
  /** None: bytes as they are. */
  readonly reads: readonly SchemaName[];
  /**
   * It reads the topic of dead letters, those without a value too, as null. It must refuse nothing: what it refused would come
   * back to it.
   */
  readonly readsLetters?: true;
  /** A topic, or a program outside Kafka: what a sink stage sends is written idempotently before the offset is committed. */
  readonly writes: { readonly schema: SchemaName } | { readonly bytes: true } | ToSink;
  /** Present where the stage keeps state: what its checkpoints are. */
  readonly checkpoint?: SchemaName;
  /** The stage chooses the output partition itself; all others keep the partition of what they read. */
  readonly rekeys?: true;
  /** The stage has to know the fleet: which entities there are, with which sensors and models. */
  readonly knowsFleet?: true;
  /** The ports that it cannot do without: whoever runs it sets them up first. */
  readonly needs?: readonly 'inference'[];
  /** The models that it asks, beside those of the fleet. */
  readonly asks?: (settings: S) => readonly string[];
  /** Instances beside the one that is called like the stage, each a consumer group of its own on the same topic, by what they are of. */
  readonly instances?: (settings: S) => ReadonlyMap<string, S>;
  /** How it wants to be fed, where that is other than what the topology says of all stages. */
  readonly gather?: (settings: S) => Feeding;
}

export interface Feeding {
  readonly maxWaitMs?: number;
  readonly maxRecords?: number;
  /** Of the keys of what is there: whether waiting for more is of no use. */
  readonly isFull?: (keys: Iterable<string | null>) => boolean;
}

/** A program outside Kafka; of one that keeps rows, the tables that the stage fills. */
export interface ToSink {
  readonly sink: string;
  readonly tables?: readonly TableName[];
}

/** A program outside Kafka; of one that keeps rows, the tables that the stage fills. */
export interface ToSink {
  readonly sink: string;
  readonly tables?: readonly TableName[];
}
