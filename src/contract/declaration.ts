import type { SchemaName } from './records/schemas.ts';
import type { Shape } from './settings.ts';

/** What a stage says of itself before it runs: enough to check a topology file, draw it, and list what it needs. */
export interface Declaration<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly settings: Shape<S>;
  /** None: bytes as they are. */
  readonly reads: readonly SchemaName[];
  /** A topic, or a program outside Kafka: what a sink stage sends is written idempotently before the offset is committed. */
  readonly writes: { readonly schema: SchemaName } | { readonly bytes: true } | { readonly sink: string };
  /** Present where the stage keeps state: what its checkpoints are. */
  readonly checkpoint?: SchemaName;
  /** The stage chooses the output partition itself; all others keep the partition of what they read. */
  readonly rekeys?: true;
  /** The stage has to know the fleet: which entities there are, with which sensors and models. */
  readonly knowsFleet?: true;
  /** The ports that it cannot do without: whoever runs it sets them up first. */
  readonly needs?: readonly 'inference'[];
}
