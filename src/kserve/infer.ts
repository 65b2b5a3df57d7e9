/** The messages of inference as both sides see them: `ModelInferRequest` and `ModelInferResponse` of KServe v2. */

import type { Datatype } from './datatypes.ts';

/** The kind matters: servers refuse a right value of the wrong kind. */
export type Parameter =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int64' | 'uint64'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'double'; readonly value: number };

export type Parameters = ReadonlyMap<string, Parameter>;

/** The elements of a tensor one by one, as `InferTensorContents` holds them; `field` is the name there. */
export interface Contents {
  readonly field: 'bool' | 'int' | 'int64' | 'uint' | 'uint64' | 'fp32' | 'fp64' | 'bytes';
  readonly values: readonly (boolean | number | bigint | Uint8Array)[];
}

export interface InferInput {
  readonly name: string;
  /** As the client wrote it; a server must be able to refuse what is none. */
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters: Parameters;
  readonly contents?: Contents;
}

export interface RequestedOutput {
  readonly name: string;
  readonly parameters: Parameters;
}

export interface InferRequest {
  readonly model: string;
  /** Empty: the newest that is ready. */
  readonly version: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InferInput[];
  /** Empty: all. */
  readonly outputs: readonly RequestedOutput[];
  /** Little-endian and row-major, one for each input in their order, or none at all where `contents` are used. Views. */
  readonly raw: readonly Uint8Array[];
}

/** A tensor whose bytes are little-endian and row-major. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly outputs: readonly Tensor[];
}

/** What a stream carries back: an answer, or the text of an error with as much of an answer as there is. */
export type StreamResponse =
  | { readonly error: ''; readonly response: InferResponse }
  | { readonly error: string; readonly response: InferResponse };
