import { fieldOf, isMessage, modelConfig } from './field-table.ts';
import type { Message } from '../../../kserve/message-types.ts';
import type { Fields, Value } from './text-format.ts';

/** Fields that change what a model answers, and that this server has no part for: the model is not loaded. */
const refused: readonly string[] = [
  'ensemble_scheduling',
  'batch_input',
  'batch_output',
  'model_operations',
  'model_repository_agents',
  'cc_model_filenames',
  'response_cache.enable',
  'model_transaction_policy.decoupled',
  'input.reshape',
  'output.reshape',
  'input.is_shape_tensor',
  'output.is_shape_tensor',
  'input.allow_ragged_batch',
  'input.is_non_linear_format_io',
  'output.is_non_linear_format_io',
  'instance_group.passive',
  'instance_group.secondary_devices',
  'instance_group.profile',
  'sequence_batching.iterative_sequence',
  'sequence_batching.state.use_growable_memory',
  'dynamic_batching.priority_levels',
  'dynamic_batching.priority_queue_policy',
  'optimization.execution_accelerators.gpu_execution_accelerator',
];

/** Fields that only tune what this server does in its own way, or report: the model is loaded, and a warning names them. */
const unheeded: readonly string[] = [
  'runtime',
  'metric_tags',
  'model_warmup',
  'model_metrics',
  'output.label_filename',
  'instance_group.rate_limiter',
  'instance_group.host_policy',
  'instance_group.gpus',
  'optimization.priority',
  'optimization.cuda',
  'optimization.execution_accelerators.cpu_execution_accelerator',
  'optimization.gather_kernel_buffer_threshold',
  'optimization.eager_batching',
  'dynamic_batching.preserve_ordering',
  'dynamic_batching.default_priority_level',
  'sequence_batching.oldest.preserve_ordering',
  'sequence_batching.state.use_same_buffer_for_input_output',
];

export interface Unhonoured {
  readonly refused: readonly string[];
  readonly unheeded: readonly string[];
}

/** A field that is there with its default value asks for nothing. */
const asks = (value: Value): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object'
      ? true
      : value !== false && value !== 0 && value !== '' && value !== 'PRIORITY_DEFAULT';

/** The fields of a configuration that this server does not do, by their paths. */
export function unhonoured(config: Fields): Unhonoured {
  const found = new Set<string>();
  collect(config, modelConfig, '', found);
  return {
    refused: refused.filter((path) => found.has(path)),
    unheeded: unheeded.filter((path) => found.has(path)),
  };
}

function collect(fields: Fields, message: Message, prefix: string, found: Set<string>): void {
  for (const [name, value] of Object.entries(fields)) {
    const path = `${prefix}${name}`;
    if (asks(value)) found.add(path);
    const field = fieldOf(message, name);
    if (field === undefined || field.form === 'map' || !isMessage(field.type)) continue;
    const messages = (field.form === 'repeated' ? value : [value]) as readonly Fields[];
    for (const one of messages) collect(one, field.type, `${path}.`, found);
  }
}
