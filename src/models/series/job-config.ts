import { tensor } from '../config-pbtxt.ts';

/** A tensor of a request or an answer: without the batch; -1 where a length is open. */
export interface JobTensor {
  readonly name: string;
  readonly datatype: string;
  readonly dims: readonly number[];
}

/** How many series an answer may be of; jobs that wait at the same time are answered in one run. */
export const maxBatchSize = 64;

const tensorrt = `instance_group [ { count: 1 kind: KIND_GPU } ]
optimization { execution_accelerators { gpu_execution_accelerator : [ { name : "tensorrt" } ] } }`;
const cpu = `instance_group [ { count: 1 kind: KIND_CPU } ]
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
parameters { key: "inter_op_thread_count" value: { string_value: "1" } }`;

/** What Triton reads beside a model that answers each series for itself. */
export function jobConfigText(
  name: string,
  inputs: readonly JobTensor[],
  outputs: readonly JobTensor[],
  onTensorrt = false,
): string {
  const entries = (tensors: readonly JobTensor[]): string =>
    tensors.map(({ name, datatype, dims }) => tensor(name, datatype, `[ ${dims.join(', ')} ]`)).join(',\n');
  return `# Written by \`downlink model import\`.
name: "${name}"
backend: "onnxruntime"
max_batch_size: ${maxBatchSize}
input [
${entries(inputs)}
]
output [
${entries(outputs)}
]
dynamic_batching { max_queue_delay_microseconds: 0 }
${onTensorrt ? tensorrt : cpu}
version_policy { latest { num_versions: 1 } }
`;
}
