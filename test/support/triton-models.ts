import { openChannel } from '../../src/kserve/client.ts';

interface ModelFiles {
  readonly config: string;
  readonly python: string;
}

interface Form {
  readonly input: string;
  readonly width: number;
  /** Name and dims, one for each result of the Python expression `outputs`. */
  readonly outputs: readonly (readonly [name: string, dims: string, expression: string])[];
  readonly slots: number;
  readonly idleMicroseconds: number;
}

/** Begins with `h_init` and adds up all that it sees. */
const accumulator = ({ input, width, outputs, slots, idleMicroseconds }: Form): ModelFiles => ({
  config: `backend: "python"
max_batch_size: 8
input [
  { name: "${input}" data_type: TYPE_FP32 dims: [ -1, ${width} ] },
  { name: "h_init" data_type: TYPE_FP32 dims: [ ${width} ] }
]
output [
  ${outputs.map(([name, dims]) => `{ name: "${name}" data_type: TYPE_FP32 dims: [ ${dims} ] },`).join('\n  ')}
  { name: "h_out" data_type: TYPE_FP32 dims: [ ${width} ] },
  { name: "n_out" data_type: TYPE_INT64 dims: [ 1 ] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
sequence_batching {
  max_sequence_idle_microseconds: ${idleMicroseconds}
  oldest { max_candidate_sequences: ${slots} }
  control_input [
    { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] },
    { name: "END" control [ { kind: CONTROL_SEQUENCE_END fp32_false_true: [ 0, 1 ] } ] },
    { name: "READY" control [ { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } ] }
  ]
}
`,
  python: `import numpy as np
import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args):
        self.states = {}

    def execute(self, requests):
        return [self.step(request) for request in requests]

    def step(self, request):
        def value(name):
            return pb.get_input_tensor_by_name(request, name).as_numpy()

        def told(name):
            return value(name).item() == 1

        if not told("READY"):
            return pb.InferenceResponse(error=pb.TritonError("not READY"))
        sequence = request.correlation_id()
        values = value("${input}")
        h, n = (value("h_init"), 0) if told("START") else self.states[sequence]
        sums = h[:, None, :] + np.cumsum(values, axis=1, dtype=np.float32)
        h, n = sums[:, -1, :], n + values.shape[1]
        self.states[sequence] = (h, n)
        if told("END"):
            del self.states[sequence]
        return pb.InferenceResponse([
            ${outputs.map(([name, , expression]) => `pb.Tensor("${name}", ${expression}),`).join('\n            ')}
            pb.Tensor("h_out", h),
            pb.Tensor("n_out", np.array([[n]], dtype=np.int64)),
        ])
`,
});

const acc: Form = {
  input: 'x',
  width: 2,
  outputs: [['y', '-1, 2', 'sums']],
  slots: 64,
  idleMicroseconds: 60_000_000,
};

/** Without state: y = x + x. */
const plain: ModelFiles = {
  config: `backend: "python"
max_batch_size: 4
input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ] } ]
output [ { name: "y" data_type: TYPE_FP32 dims: [ -1 ] } ]
instance_group [ { count: 1 kind: KIND_CPU } ]
dynamic_batching { }
`,
  python: `import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        x = pb.get_input_tensor_by_name(request, "x").as_numpy()
        return pb.InferenceResponse([pb.Tensor("y", x + x)])
`,
};

const summing: Form = {
  ...acc,
  input: 'values',
  width: 1,
  outputs: [
    ['reconstruction', '-1, 1', 'values'],
    ['score', '-1', 'sums[:, :, 0]'],
  ],
};

/** Those that are also in transcripts.json compute what they do there. */
const models: Readonly<Record<string, ModelFiles>> = {
  acc: accumulator(acc),
  acc_small: accumulator({ ...acc, slots: 2, idleMicroseconds: 1_000_000 }),
  plain,
  summing: accumulator(summing),
  summing_small: accumulator({ ...summing, slots: 2 }),
};

/** What a model repository with them holds: paths and contents. */
export const tritonFiles = (): readonly (readonly [path: string, content: string])[] =>
  Object.entries(models).flatMap(([name, { config, python }]) => [
    [`${name}/config.pbtxt`, config] as const,
    [`${name}/1/model.py`, python] as const,
  ]);

/** Why a server does not do for these tests; undefined where it does. */
export async function unfit(grpc: string): Promise<string | undefined> {
  const channel = openChannel({ address: grpc });
  try {
    const asked = Object.keys(models).map(async (name) => {
      const { ready } = await channel.call('ModelReady', { name }, 5_000);
      return ready === true ? [] : [name];
    });
    const lacking = (await Promise.all(asked)).flat();
    return lacking.length === 0 ? undefined : `it has no ${lacking.join(', ')} (test/support/triton-models.ts)`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    channel.close();
  }
}
