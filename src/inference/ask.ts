import type { Inference, Question, Tensor } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { Channel } from '../kserve/client.ts';
import { arrayOver, bytesOf } from '../kserve/datatypes.ts';
import type { InferRequest, InferResponse } from '../kserve/infer.ts';
import { noParameters } from '../kserve/parts.ts';
import { errorOf, Failure, failureOf } from './failure.ts';

export interface AskedServer {
  readonly address: string;
  readonly channel: Channel;
}

/** The servers take turns, and where one is not there the next is asked: what keeps no state has no place of its own. */
export function asking(
  servers: readonly AskedServer[],
  onAnswer: (model: string, ms: number, rows: number) => void,
): Inference['ask'] {
  let turns = 0;
  return async (question, signal) => {
    const request = requestOf(question);
    const until = performance.now() + question.timeoutMs;
    const turn = turns++;
    for (let tried = 1; ; tried++) {
      const server = servers[(turn + tried) % servers.length];
      if (server === undefined) throw new DownlinkError('config-invalid', 'environment: DOWNLINK_TRITON: no address');
      const sentAt = performance.now();
      try {
        const { outputs, version } = await server.channel.infer(request, Math.max(1, until - sentAt), signal);
        const ms = performance.now() - sentAt;
        onAnswer(question.model, ms, rowsOf(question));
        return {
          outputs: Object.fromEntries(outputs.map((one) => [one.name, tensorOf(one, question.model)])),
          version,
          ms,
        };
      } catch (thrown) {
        const failure = failureOf(thrown, question.model);
        const what = `asking ${question.model} on ${server.address}`;
        if (signal.aborted) throw new DownlinkError('inference-unavailable', `${what}: no longer wanted`);
        const further = failure instanceof Failure && failure.meaning !== 'refused' && tried < servers.length;
        if (!further || performance.now() >= until) throw errorOf(failure, what);
      }
    }
  };
}

const rowsOf = ({ inputs }: Question): number => Object.values(inputs)[0]?.shape[0] ?? 1;

const requestOf = ({ model, inputs }: Question): InferRequest => ({
  model,
  version: '',
  id: '',
  parameters: noParameters,
  inputs: Object.entries(inputs).map(([name, { shape, data }]) => ({
    name,
    datatype: datatypeOf(data),
    shape,
    parameters: noParameters,
  })),
  outputs: [],
  raw: Object.values(inputs).map(({ data }) => bytesOf(data)),
});

function datatypeOf(data: Tensor['data']): (typeof known)[number] {
  if (data instanceof Float32Array) return 'FP32';
  if (data instanceof BigInt64Array) return 'INT64';
  return data instanceof Int32Array ? 'INT32' : 'FP64';
}

const known = ['FP32', 'FP64', 'INT32', 'INT64'] as const;

function tensorOf({ name, datatype, shape, bytes }: InferResponse['outputs'][number], model: string): Tensor {
  const type = known.find((one) => one === datatype);
  if (type === undefined)
    throw new Failure('refused', `${model} answers ${name} as ${datatype}, not ${known.join(', ')}`);
  return { shape, data: arrayOver(type, bytes) };
}
