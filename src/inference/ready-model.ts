import type { ModelMetadata } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { AskedServer } from './ask.ts';
import { errorOf, failureOf } from './failure.ts';
import type { StepForm } from './step.ts';

interface Tensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
}

interface Config {
  readonly max_batch_size: number;
  readonly input: readonly Tensor[];
  readonly output: readonly Tensor[];
  readonly sequence_batching?: {
    readonly max_sequence_idle_microseconds: number;
    readonly oldest?: { readonly max_candidate_sequences: number };
  };
}

export interface CheckedModel {
  readonly form: StepForm;
  readonly idleMs: number;
  /** Of one instance: which of several a sequence comes to, the server says. */
  readonly slots: number;
}

const shown = (dims: readonly number[]): string => `[${dims.join(', ')}]`;

const callWithinMs = 5_000;

/** Asks the server how it has the model, and refuses what would give wrong scores or none. */
export async function checkedModel(server: AskedServer, model: string, metadata: ModelMetadata): Promise<CheckedModel> {
  const config = await configOf(server, model);
  const { sensors, state } = metadata;
  const form: StepForm = { model, sensors, state, fleet: metadata.form === 'fleet' };
  const wanted = [
    ['input', 'values', 'TYPE_FP32', [-1, sensors]],
    ['input', 'h_init', 'TYPE_FP32', state],
    ...(form.fleet ? [['input', 'entity', 'TYPE_INT64', [1]] as const] : []),
    ['output', 'reconstruction', 'TYPE_FP32', [-1, sensors]],
    ['output', 'score', 'TYPE_FP32', [-1]],
    ['output', 'h_out', 'TYPE_FP32', state],
    ['output', 'n_out', 'TYPE_INT64', [1]],
  ] as const;
  const problems = wanted.flatMap(([side, name, type, dims]) => {
    const found = config[side].find((one) => one.name === name);
    if (found?.data_type === type && shown(found.dims) === shown(dims)) return [];
    const has = found === undefined ? 'is missing' : `is ${found.data_type} ${shown(found.dims)}`;
    return [`${side} ${name} ${has}, not ${type} ${shown(dims)}`];
  });
  const batching = config.sequence_batching;
  if (batching?.oldest === undefined) problems.push('its sequence batcher is not of strategy `oldest`');
  if (problems.length > 0) throw new DownlinkError('model-unusable', `${model} on the server: ${problems.join('; ')}`);
  // Triton's own default is one second.
  const idle = batching?.max_sequence_idle_microseconds ?? 0;
  const candidates = batching?.oldest?.max_candidate_sequences ?? 0;
  return {
    form,
    idleMs: (idle === 0 ? 1_000_000 : idle) / 1_000,
    slots: Math.max(1, candidates === 0 ? config.max_batch_size : candidates),
  };
}

async function configOf({ address, channel }: AskedServer, model: string): Promise<Config> {
  try {
    const { config } = await channel.call('ModelConfig', { name: model }, callWithinMs);
    return config as Config;
  } catch (thrown) {
    throw errorOf(failureOf(thrown, model), `asking ${address} for model ${model}`);
  }
}
