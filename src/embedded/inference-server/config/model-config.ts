/** A model's configuration as it was written: fields that were left out are absent. The field table vouches for the types. */

type Integer = number | bigint;

export interface InputConfig {
  readonly name?: string;
  readonly data_type?: string;
  readonly dims?: readonly Integer[];
  readonly optional?: boolean;
}

export type OutputConfig = Omit<InputConfig, 'optional'>;

export interface ControlConfig {
  readonly kind?: string;
  readonly int32_false_true?: readonly number[];
  readonly fp32_false_true?: readonly number[];
  readonly bool_false_true?: readonly boolean[];
  readonly data_type?: string;
}

export interface ControlInputConfig {
  readonly name?: string;
  readonly control?: readonly ControlConfig[];
}

export interface InitialStateConfig {
  readonly data_type?: string;
  readonly dims?: readonly Integer[];
  readonly zero_data?: boolean;
  readonly data_file?: string;
  readonly name?: string;
}

export interface StateConfig {
  readonly input_name?: string;
  readonly output_name?: string;
  readonly data_type?: string;
  readonly dims?: readonly Integer[];
  readonly initial_state?: readonly InitialStateConfig[];
  readonly use_growable_memory?: boolean;
}

export interface SequenceBatching {
  readonly max_sequence_idle_microseconds?: Integer;
  readonly control_input?: readonly ControlInputConfig[];
  readonly state?: readonly StateConfig[];
  readonly direct?: { readonly max_queue_delay_microseconds?: Integer; readonly minimum_slot_utilization?: number };
  readonly oldest?: {
    readonly max_candidate_sequences?: number;
    readonly preferred_batch_size?: readonly number[];
    readonly max_queue_delay_microseconds?: Integer;
  };
  readonly iterative_sequence?: boolean;
}

export interface QueuePolicy {
  readonly timeout_action?: string;
  readonly default_timeout_microseconds?: Integer;
  readonly allow_timeout_override?: boolean;
  readonly max_queue_size?: number;
}

export interface DynamicBatching {
  readonly preferred_batch_size?: readonly number[];
  readonly max_queue_delay_microseconds?: Integer;
  readonly preserve_ordering?: boolean;
  readonly priority_levels?: Integer;
  readonly default_queue_policy?: QueuePolicy;
}

export interface InstanceGroup {
  readonly name?: string;
  readonly kind?: string;
  readonly count?: number;
  readonly passive?: boolean;
}

export interface ModelConfig {
  readonly name?: string;
  readonly platform?: string;
  readonly backend?: string;
  readonly version_policy?: {
    readonly latest?: { readonly num_versions?: number };
    readonly all?: object;
    readonly specific?: { readonly versions?: readonly Integer[] };
  };
  readonly max_batch_size?: number;
  readonly input?: readonly InputConfig[];
  readonly output?: readonly OutputConfig[];
  readonly instance_group?: readonly InstanceGroup[];
  readonly default_model_filename?: string;
  readonly optimization?: {
    readonly graph?: { readonly level?: number };
    readonly input_pinned_memory?: { readonly enable: boolean };
    readonly output_pinned_memory?: { readonly enable: boolean };
  };
  readonly dynamic_batching?: DynamicBatching;
  readonly sequence_batching?: SequenceBatching;
  readonly parameters?: Readonly<Record<string, { readonly string_value?: string }>>;
}

/** TYPE_FP32 is FP32 on the wire, and TYPE_STRING is BYTES. */
export const datatypeOf = (dataType: string | undefined): string => {
  if (dataType === undefined || dataType === 'TYPE_INVALID') return '<invalid>';
  return dataType === 'TYPE_STRING' ? 'BYTES' : dataType.replace(/^TYPE_/, '');
};

export const dimsOf = (dims: readonly Integer[] | undefined): readonly number[] => (dims ?? []).map(Number);
