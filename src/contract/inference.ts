import type { JobModel, ModelMetadata } from './model.ts';

/** Samples of one entity, one after the other, from a state of its model on. */
export interface Run {
  /** `satellite/entity` */
  readonly entity: string;
  readonly model: string;
  /** The entity's place in the model's weights. */
  readonly place: number;
  /** The state that the first sample meets: the array that an earlier answer held, or one that was restored. */
  readonly from: Float32Array;
  /** Normalised values, sample after sample; each piece is one request. */
  readonly pieces: readonly Float32Array[];
  /** The sequence in which a predecessor kept this state; it is ended. */
  readonly left?: string;
}

/** What a piece came to. Nothing here is looked at but for its size: a score may be no number. */
export interface Scored {
  readonly score: Float32Array;
  readonly reconstruction: Float32Array;
  /** After the last sample of the piece. */
  readonly state: Float32Array;
}

export interface RunAnswer {
  readonly pieces: readonly Scored[];
  /** The sequence that holds the state now. */
  readonly sequence: string;
  /** The version of the model that answered. */
  readonly version: string;
}

/** The sequences of one lane in an inference server. */
export interface Sequences {
  /** Runs of one entity come one after the other, those of different ones at any time. Throws what waiting may mend. */
  run(run: Run, signal: AbortSignal): Promise<RunAnswer>;
  close(): Promise<void>;
}

/** What its elements are, the array says: FP32, FP64, INT32 or INT64. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** By their names. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** To a model that keeps nothing of it, so it may be asked again. */
export interface Question {
  readonly model: string;
  readonly inputs: Tensors;
  /** For the answer, whoever gives it. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly outputs: Tensors;
  /** The version of the model that answered. */
  readonly version: string;
  /** From the request to the answer. */
  readonly ms: number;
}

/** The port to the inference servers. */
export interface Inference {
  metadata(model: string): ModelMetadata;
  jobModel(model: string): JobModel;
  /** Any number at a time, in any order. Throws what waiting may mend. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** For an opening of a lane, by its name; correlation ids are made of it. */
  open(opening: string, requestTimeoutMs: number): Sequences;
}
