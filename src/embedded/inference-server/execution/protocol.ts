/** What the server and its threads say to each other. A session is a model file that is loaded; buffers change hands and are not copied. */

export interface SessionOptions {
  readonly intraOpNumThreads: number;
  readonly interOpNumThreads?: number;
  readonly executionMode?: 'sequential' | 'parallel';
  readonly enableCpuMemArena?: boolean;
  readonly enableMemPattern?: boolean;
  /** From here on ONNX Runtime speaks up; 3: errors. */
  readonly logSeverityLevel: 3;
  readonly graphOptimizationLevel: 'disabled' | 'basic' | 'extended' | 'all';
}

/** Names and types of what goes in, in the order of the buffers' contents, and the names of what is wanted. */
export interface Wiring {
  readonly feeds: readonly { readonly name: string; readonly type: string }[];
  readonly fetches: readonly string[];
}

export interface Load {
  readonly kind: 'load';
  readonly job: number;
  readonly session: number;
  /** A file's path, or its contents. */
  readonly source: string | Uint8Array;
  readonly options: SessionOptions;
}

export interface Wire extends Wiring {
  readonly kind: 'wire';
  readonly session: number;
}

export interface Run {
  readonly kind: 'run';
  readonly job: number;
  readonly session: number;
  /** The feeds one after the other, each from a multiple of eight bytes on. */
  readonly buffer: ArrayBuffer;
  readonly shapes: readonly (readonly number[])[];
  /** In place of bytes, where the elements are texts. */
  readonly texts: readonly (readonly string[] | undefined)[];
}

export interface Release {
  readonly kind: 'release';
  readonly session: number;
}

/** What was asked for before is done first. */
export interface End {
  readonly kind: 'end';
}

export type ToThread = Load | Wire | Run | Release | End;

export interface TensorInfo {
  readonly name: string;
  /** Undefined for what is no tensor. */
  readonly type: string | undefined;
  /** -1: any length. */
  readonly dims: readonly number[];
}

export interface Loaded {
  readonly kind: 'loaded';
  readonly job: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

export interface Done {
  readonly kind: 'done';
  readonly job: number;
  /** The fetches one after the other, each from a multiple of eight bytes on. */
  readonly buffer: ArrayBuffer;
  readonly shapes: readonly (readonly number[])[];
  readonly texts: readonly (readonly string[] | undefined)[];
  /** Where each begins, and where the last ends. */
  readonly starts: readonly number[];
  /** The run's own, to be filled again. */
  readonly used: ArrayBuffer;
  readonly microseconds: number;
}

export interface Failed {
  readonly kind: 'failed';
  readonly job: number;
  readonly message: string;
}

export type FromThread = Loaded | Done | Failed;

/** Where the next tensor begins. */
export const aligned = (bytes: number): number => (bytes + 7) & ~7;

export const product = (dims: readonly number[]): number => {
  let elements = 1;
  for (const length of dims) elements *= length;
  return elements;
};
