import type { InferResponse } from '../../../kserve/infer.ts';
import type { Refusal } from '../../../kserve/status.ts';

/** What names a sequence: a text or a number; 5 and "5" are two. */
export type SequenceId = string | bigint;

export type Result = InferResponse | Refusal;

/** A request that has been found valid, on its way through a model. */
export interface Step {
  /** The client's own name of the request. */
  readonly id: string;
  /** In the model's order of inputs. */
  readonly tensors: readonly Uint8Array[];
  readonly shapes: readonly (readonly number[])[];
  /** Steps with equal keys fit in one batch. */
  readonly shapeKey: number | string;
  /** The first dimension of its tensors, where the model batches; else 1. */
  readonly rows: number;
  /** Places in the model's order of outputs; undefined: all. */
  readonly wanted: readonly number[] | undefined;
  /** Undefined: in none. */
  readonly sequence: SequenceId | undefined;
  readonly start: boolean;
  readonly end: boolean;
  /** Milliseconds on the process' own clock. */
  readonly arrived: number;
  /** When it is given up while it waits; infinite: never. */
  readonly deadline: number;
  readonly answer: (result: Result) => void;
  cancelled: boolean;
  /** When it began to wait for its batch: later than it arrived, where another of its sequence was before it. */
  ready: number;
  /** Its place among the sequences of its model, where it is in one. */
  place: number;
}

/** A row of a batch that holds no request: only with the direct strategy, where each sequence has a row of its own. */
export type Row = Step | undefined;
