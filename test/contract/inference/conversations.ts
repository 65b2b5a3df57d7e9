import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a real Triton 24.10 was asked and what it answered: our own recording, `transcripts.json`. */

export interface TensorText {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly (number | boolean | string)[];
  readonly contents?: Readonly<Record<string, readonly number[]>>;
  /** So many zero bytes. */
  readonly raw_bytes?: number;
}

type ParameterText = Readonly<Record<string, string | number | boolean>>;

/** A request of any protocol, or something that the client does; which, its fields tell. */
export interface Asked {
  readonly at_ms?: number;
  readonly rpc?: string;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly model_name?: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, ParameterText>>;
  readonly inputs?: readonly TensorText[];
  readonly outputs?: readonly string[];
  readonly extra_raw_bytes?: readonly number[];
  readonly deadline_ms?: number;
  readonly sleep_ms?: number;
  readonly pause_ms?: number;
  readonly half_close?: boolean;
  readonly cancel_stream?: boolean;
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  readonly http?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly body_text?: string;
  readonly body_json?: unknown;
  readonly body_binary_hex?: string;
  readonly signal?: string;
  readonly wait?: string;
}

export interface InferText {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters?: unknown;
  readonly outputs: readonly TensorText[];
}

export interface Answered {
  readonly at_ms?: number;
  readonly after_ms?: number;
  readonly status?: string | number;
  readonly message?: string;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly serving_status?: number;
  readonly index?: readonly Readonly<Record<string, string>>[];
  readonly models?: readonly Readonly<Record<string, string>>[];
  readonly error_message?: string;
  readonly infer_response?: InferText;
  readonly stream_status?: string;
  readonly unary_after_1s?: Answered;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly body_text?: string;
  readonly body_json?: unknown;
  readonly body_binary_hex?: string;
  readonly exit_code?: number | string;
}

export interface Conversation {
  readonly name: string;
  readonly protocol: string;
  readonly model: string;
  readonly requests: readonly Asked[];
  readonly responses: readonly (Answered | null)[];
  readonly statistics_delta?: Readonly<Record<string, unknown>>;
  readonly stream?: { readonly requests: readonly Asked[]; readonly responses: readonly Answered[] };
}

interface Recording {
  readonly models: Readonly<Record<string, { readonly config_pbtxt: string; readonly onnx_base64?: string }>>;
  readonly conversations: readonly Conversation[];
}

export const recording = JSON.parse(readFileSync(join(import.meta.dirname, 'transcripts.json'), 'utf8')) as Recording;

export function conversation(name: string): Conversation {
  const found = recording.conversations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no conversation is called ${name}`);
  return found;
}
