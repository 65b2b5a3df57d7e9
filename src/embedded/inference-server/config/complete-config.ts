import type { InputConfig, ModelConfig, OutputConfig } from './model-config.ts';

const defaultIdleMicroseconds = 1_000_000;
const defaultInstances = 2;
const autoBatchSize = 4;

/** What a model file says of a tensor; -1: a dimension that may be of any length. */
export interface FileTensor {
  readonly name: string;
  readonly dataType: string;
  readonly dims: readonly number[];
}

export interface ModelFile {
  readonly inputs: readonly FileTensor[];
  readonly outputs: readonly FileTensor[];
}

/** Takes from the model file what the configuration leaves out: tensors, and whether it can batch. */
export function completeFromFile(config: ModelConfig, file: ModelFile): ModelConfig {
  const needsTensors = (config.input ?? []).length === 0 || (config.output ?? []).length === 0;
  if (!needsTensors && config.max_batch_size !== undefined) return config;
  const batches = [...file.inputs, ...file.outputs].every(({ dims }) => dims[0] === -1);
  const most = config.max_batch_size ?? (needsTensors && batches ? autoBatchSize : 0);
  const unscheduled = config.dynamic_batching === undefined && config.sequence_batching === undefined;
  const asConfig = ({ name, dataType, dims }: FileTensor): InputConfig & OutputConfig => ({
    name,
    data_type: dataType,
    dims: most > 0 ? dims.slice(1) : dims,
  });
  const { control_input: controls = [], state: states = [] } = config.sequence_batching ?? {};
  const hidden = new Set([...controls.map(({ name }) => name), ...states.map((state) => state.input_name)]);
  const kept = new Set(states.map((state) => state.output_name));
  return {
    ...config,
    ...(most > 0 ? { max_batch_size: most } : {}),
    ...(config.max_batch_size === undefined && most > 1 && unscheduled ? { dynamic_batching: {} } : {}),
    input: config.input?.length ? config.input : file.inputs.filter(({ name }) => !hidden.has(name)).map(asConfig),
    output: config.output?.length ? config.output : file.outputs.filter(({ name }) => !kept.has(name)).map(asConfig),
  };
}

/** Adds what Triton adds to a configuration, in the form that it shows to clients. */
export function complete(config: ModelConfig, folder: string): ModelConfig {
  const { max_batch_size: most = 0, sequence_batching: sequences, dynamic_batching: dynamic } = config;
  const preferred = most > 0 ? [most] : [];
  const given = config.instance_group ?? [];
  const groups = given.length > 0 ? given : [{ count: defaultInstances, kind: 'KIND_CPU' }];
  const pinned = { enable: true };
  return {
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    version_policy: { latest: { num_versions: 1 } },
    default_model_filename: 'model.onnx',
    ...config,
    name: folder,
    optimization: { input_pinned_memory: pinned, output_pinned_memory: pinned, ...config.optimization },
    instance_group: groups.map((group, index) => ({
      name: `${folder}_${index}`,
      count: group.count === undefined || group.count === 0 ? 1 : group.count,
      ...group,
      kind: group.kind === undefined || group.kind === 'KIND_AUTO' ? 'KIND_CPU' : group.kind,
    })),
    ...(dynamic === undefined ? {} : { dynamic_batching: { preferred_batch_size: preferred, ...dynamic } }),
    ...(sequences === undefined
      ? {}
      : {
          sequence_batching: {
            ...sequences,
            max_sequence_idle_microseconds:
              Number(sequences.max_sequence_idle_microseconds ?? 0) || defaultIdleMicroseconds,
            ...(sequences.oldest === undefined
              ? sequences.direct === undefined
                ? { direct: {} }
                : {}
              : { oldest: { preferred_batch_size: preferred, ...sequences.oldest } }),
          },
        }),
  };
}
