import { afterAll, beforeAll } from '@jest/globals';
import { openChannel, type Channel } from '../../../src/kserve/client.ts';
import type { InferResponse } from '../../../src/kserve/infer.ts';
import { Refusal } from '../../../src/kserve/status.ts';
import type { Asked, TensorText } from './conversations.ts';
import { decode, requestOf } from './tensors.ts';

/** A request to `acc`: each number v is a sample [v, 10 v]. */
export interface Step {
  readonly model?: string;
  readonly id?: string;
  readonly sequence?: string | number;
  readonly start?: boolean;
  readonly end?: boolean;
  readonly x?: readonly number[];
  readonly from?: readonly number[];
  /** Instead of what `x` and `from` say. */
  readonly inputs?: readonly TensorText[];
}

export const tensor = (name: string, shape: readonly number[], data: readonly number[]): TensorText => ({
  name,
  datatype: 'FP32',
  shape,
  data,
});
export const samples = (...x: readonly number[]): TensorText =>
  tensor(
    'x',
    [1, x.length, 2],
    x.flatMap((v) => [v, 10 * v]),
  );
export const initial = tensor('h_init', [1, 2], [0, 0]);

export function asked({ model = 'acc', id = '', sequence, start, end, x = [1], from = [0, 0], inputs }: Step): Asked {
  const named = typeof sequence === 'number' ? { int64_param: sequence } : { string_param: sequence ?? '' };
  return {
    model_name: model,
    id,
    parameters: {
      ...(sequence === undefined ? {} : { sequence_id: named }),
      ...(start === undefined ? {} : { sequence_start: { bool_param: start } }),
      ...(end === undefined ? {} : { sequence_end: { bool_param: end } }),
    },
    inputs: inputs ?? [samples(...x), { ...initial, data: from }],
  };
}

/** The sums after each sample, and how many samples the sequence has seen; or why there are none. */
export type Answer =
  { readonly y: readonly unknown[]; readonly n: unknown } | { readonly status: string; readonly why: string };

export function sumsOf({ outputs }: InferResponse): Answer {
  const of = (name: string): readonly unknown[] => outputs.filter((one) => one.name === name).flatMap(decode);
  return { y: of('y'), n: of('n_out')[0] };
}

export const refused = (why: string, status = 'INVALID_ARGUMENT'): Answer => ({ status, why });
export const needsStart = (sequence: string | number, model = 'acc'): Answer =>
  refused(
    `inference request for sequence ${sequence} to model '${model}' must specify the START flag on the first request of the sequence`,
  );
export const shapeRefused = (id: string): string =>
  `[request id: ${id}] unexpected shape for input 'x' for model 'acc'. Expected [-1,-1,2], got [1,1,3]. NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.`;

export const patientMs = 10_000;

export interface Asking {
  /** Only while tests run. */
  readonly channel: () => Channel;
  readonly infer: (step: Step) => Promise<InferResponse>;
  readonly ask: (step: Step) => Promise<Answer>;
}

/** Single requests to the server at `address`, which is asked for when tests run. */
export function askingAt(address: () => string): Asking {
  let channel: Channel;
  beforeAll(() => {
    channel = openChannel({ address: address() });
  });
  afterAll(() => {
    channel.close();
  });
  const infer = (step: Step): Promise<InferResponse> => channel.infer(requestOf(asked(step)), patientMs);
  const ask = async (step: Step): Promise<Answer> => {
    try {
      return sumsOf(await infer(step));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      return refused(thrown.message, thrown.status);
    }
  };
  return { channel: () => channel, infer, ask };
}
