import { datatypeOf, dimsOf, type ControlConfig, type ModelConfig, type SequenceBatching } from './model-config.ts';

/** What is wrong with a configuration by itself, before any file of the model is read; undefined: nothing. */
export function faultOf(config: ModelConfig, folder: string): string | undefined {
  for (const fault of faults(config, folder)) return fault;
  return undefined;
}

function* faults(config: ModelConfig, folder: string): Iterable<string> {
  const { name = '', max_batch_size: most = 0, backend = '', platform = '' } = config;
  if (name !== '' && name !== folder) {
    yield `unexpected directory name '${folder}' for model '${name}', directory name must equal model name`;
  }
  if (backend === '' && platform === '') yield `must specify 'platform' or 'backend' for '${folder}'`;
  if (most < 0) yield `'max_batch_size' must be non-negative value in model configuration for '${folder}'`;
  for (const [kind, tensors] of [
    ['input', config.input ?? []],
    ['output', config.output ?? []],
  ] as const) {
    const seen = new Set<string>();
    for (const tensor of tensors) {
      const label = tensor.name ?? '';
      if (label === '') yield `model ${kind} must specify 'name'`;
      if (seen.has(label)) yield `model ${kind} '${label}' is there twice`;
      seen.add(label);
      if (datatypeOf(tensor.data_type) === '<invalid>') yield `model ${kind} must specify 'data_type'`;
      if (dimsOf(tensor.dims).some((length) => length === 0 || length < -1)) {
        yield `model ${kind} dimension must be integer >= 1, or -1 to indicate a variable-size dimension`;
      }
    }
  }
  for (const { count = 1 } of config.instance_group ?? []) {
    if (count < 0) yield `instance group count must be > 0`;
  }
  if (config.sequence_batching !== undefined)
    yield* sequenceFaults(config.sequence_batching, Math.max(1, most), folder);
  const preferred = config.dynamic_batching?.preferred_batch_size ?? [];
  yield* preferredFaults(preferred, Math.max(1, most), folder, 'dynamic batching');
}

function* preferredFaults(sizes: readonly number[], most: number, folder: string, where: string): Iterable<string> {
  for (const size of sizes) {
    if (size <= 0) yield `${where} preferred size must be positive for ${folder}`;
    if (size > most) yield `${where} preferred size must be <= max batch size for ${folder}`;
  }
}

function* sequenceFaults(sequences: SequenceBatching, most: number, folder: string): Iterable<string> {
  yield* preferredFaults(sequences.oldest?.preferred_batch_size ?? [], most, folder, 'sequence batching');
  const utilization = sequences.direct?.minimum_slot_utilization ?? 0;
  if (utilization < 0 || utilization > 1)
    yield `sequence batching minimum slot utilization must be in range [0.0, 1.0] for ${folder}`;
  const names = new Set<string>();
  const kinds = new Set<string>();
  for (const { name = '', control = [] } of sequences.control_input ?? []) {
    if (name === '') yield `sequence batching control tensor must have a name for ${folder}`;
    if (names.has(name))
      yield `sequence batching control tensor '${name}' is specified for multiple control kinds for ${folder}`;
    names.add(name);
    for (const one of control) {
      const kind = one.kind ?? 'CONTROL_SEQUENCE_START';
      if (kinds.has(kind)) yield `sequence batching specifies multiple ${kind} tensors for ${folder}`;
      kinds.add(kind);
      yield* controlFaults(one, kind, name, folder);
    }
  }
}

function* controlFaults(control: ControlConfig, kind: string, name: string, folder: string): Iterable<string> {
  const pairs = [control.int32_false_true, control.fp32_false_true, control.bool_false_true].filter(
    (pair) => pair !== undefined && pair.length > 0,
  );
  if (kind === 'CONTROL_SEQUENCE_CORRID') {
    if (datatypeOf(control.data_type) === '<invalid>')
      yield `sequence batching control tensor '${name}' must specify 'data_type' for ${folder}`;
    if (pairs.length > 0) yield `sequence batching must not specify false/true values for ${kind} for ${folder}`;
    return;
  }
  if (pairs.length > 1)
    yield `sequence batching specifies more than one from 'int32_false_true', 'fp32_false_true' and 'bool_false_true' for '${name}' for ${folder}`;
  if (pairs.length === 0)
    yield `sequence batching must specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' for '${name}' for ${folder}`;
  for (const pair of pairs) {
    if (pair?.length !== 2)
      yield `sequence batching control 'false_true' must have exactly 2 entries for '${name}' for ${folder}`;
  }
}
