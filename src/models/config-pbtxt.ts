import type { Network } from './network.ts';
import { stateDims, type Form } from './sequence-graph.ts';

const maxBatchSize = 64;
const idleMicroseconds = 600_000_000;
/** A sequence that nobody ended keeps its place until it has been idle for ten minutes; kills must not fill the places. */
const sequencesPerEntity = 20;
const fewestSequences = 64;

/** What Triton reads beside the model. */
export function configText(name: string, form: Form, network: Network, entities: number): string {
  const [layers, hidden] = stateDims(network);
  const state = `[ ${layers}, ${hidden} ]`;
  const inputs = [
    tensor('values', 'FP32', `[ -1, ${network.sensors} ]`),
    tensor('h_init', 'FP32', state),
    ...(form === 'fleet' ? [tensor('entity', 'INT64', '[ 1 ]')] : []),
  ];
  const outputs = [
    tensor('reconstruction', 'FP32', `[ -1, ${network.sensors} ]`),
    tensor('score', 'FP32', '[ -1 ]'),
    tensor('h_out', 'FP32', state),
    tensor('n_out', 'INT64', '[ 1 ]'),
  ];
  return `# Written by \`downlink model import\`.
name: "${name}"
backend: "onnxruntime"
max_batch_size: ${maxBatchSize}
input [
${inputs.join(',\n')}
]
output [
${outputs.join(',\n')}
]
instance_group [ { count: 1 kind: KIND_CPU } ]
sequence_batching {
  max_sequence_idle_microseconds: ${idleMicroseconds}
  oldest {
    max_candidate_sequences: ${Math.max(fewestSequences, sequencesPerEntity * entities)}
    max_queue_delay_microseconds: 0
  }
  control_input [
${control('START', 'CONTROL_SEQUENCE_START')},
${control('READY', 'CONTROL_SEQUENCE_READY')}
  ]
  # Triton pairs what comes in with what goes out by the order of their names, not by these entries.
  state [
${kept('h_prev', 'h_next', 'FP32', state)},
${kept('n_prev', 'n_next', 'INT64', '[ 1 ]')}
  ]
}
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
parameters { key: "inter_op_thread_count" value: { string_value: "1" } }
version_policy { latest { num_versions: 1 } }
`;
}

/** An entry of a list of inputs or outputs. */
export const tensor = (name: string, type: string, dims: string): string =>
  `  { name: "${name}" data_type: TYPE_${type} dims: ${dims} }`;

const control = (name: string, kind: string): string =>
  `    { name: "${name}" control [ { kind: ${kind} fp32_false_true: [ 0, 1 ] } ] }`;

const kept = (input: string, output: string, type: string, dims: string): string =>
  `    {
      input_name: "${input}" output_name: "${output}" data_type: TYPE_${type} dims: ${dims}
      initial_state { name: "zero ${input}" data_type: TYPE_${type} dims: ${dims} zero_data: true }
    }`;
