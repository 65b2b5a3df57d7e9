import protobuf from 'protobufjs';

/** As much of ONNX' format as these models need; the numbers are ONNX' own. */
const { root } = protobuf.parse(
  `syntax = "proto3"; package onnx;
  message Attribute { string name = 1; int64 i = 3; Tensor t = 5; Graph g = 6; int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5; }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Dimension { int64 dim_value = 1; string dim_param = 2; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Type { TensorType tensor_type = 1; }
  message Value { string name = 1; Type type = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated Value input = 11; repeated Value output = 12; }
  message OpSet { string domain = 1; int64 version = 2; }
  message Model { int64 ir_version = 1; Graph graph = 7; repeated OpSet opset_import = 8; }`,
  { keepCase: true },
);

const types = { float: 1, int64: 7, bool: 9 } as const;
type TypeName = keyof typeof types;

const value = (name: string, type: TypeName, dims: readonly (string | number)[]): object => ({
  name,
  type: {
    tensor_type: {
      elem_type: types[type],
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dim_param: dim } : { dim_value: dim })) },
    },
  },
});
const node = (
  op: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly object[] = [],
): object => ({
  op_type: op,
  input,
  output,
  attribute,
});
const integer = (name: string, i: number): object => ({ name, i, type: 2 });
const tensor = (name: string, dims: readonly number[], array: Float32Array | BigInt64Array): object => ({
  name,
  dims,
  data_type: array instanceof Float32Array ? types.float : types.int64,
  raw_data: Buffer.from(array.buffer),
});

const workLength = 4096;

export interface SlowModel {
  /** Times round the loop that take a millisecond. */
  readonly roundsPerMs: number;
  readonly sequences: boolean;
}

/** y = x, in_batch = rows, count = requests of the sequence so far; busy for the largest `ms` of the batch. */
export function slowModel({ roundsPerMs, sequences }: SlowModel): Buffer {
  const body = {
    name: 'work',
    node: [node('Identity', ['go'], ['go_on']), node('Sin', ['work_in'], ['work_out'])],
    input: [value('round', 'int64', []), value('go', 'bool', []), value('work_in', 'float', [workLength])],
    output: [value('go_on', 'bool', []), value('work_out', 'float', [workLength])],
  };
  const counting = [
    node('Cast', ['START'], ['starts'], [integer('to', types.bool)]),
    node('Where', ['starts', 'zero', 'n'], ['before']),
    node('Add', ['before', 'one'], ['count']),
    node('Identity', ['count'], ['n_next']),
  ];
  const graph = {
    name: 'slow',
    node: [
      node('ReduceMax', ['ms'], ['longest'], [integer('keepdims', 0)]),
      node('Mul', ['longest', 'rounds_per_ms'], ['rounds']),
      node('Loop', ['rounds', '', 'work'], ['worked'], [{ name: 'body', g: body, type: 5 }]),
      // What was worked at must matter, or it is left out.
      node('ReduceSum', ['worked'], ['sum'], [integer('keepdims', 0)]),
      node('Mul', ['sum', 'nothing'], ['added']),
      node('Add', ['x', 'added'], ['y']),
      node('Shape', ['x'], ['shape']),
      node('Slice', ['shape', 'from', 'to'], ['rows']),
      node('Expand', ['rows', 'shape'], ['in_batch']),
      ...(sequences ? counting : []),
    ],
    initializer: [
      tensor('rounds_per_ms', [], BigInt64Array.of(BigInt(roundsPerMs))),
      tensor('work', [workLength], new Float32Array(workLength).fill(0.5)),
      tensor('nothing', [], Float32Array.of(0)),
      tensor('from', [1], BigInt64Array.of(0n)),
      tensor('to', [1], BigInt64Array.of(1n)),
      tensor('zero', [], BigInt64Array.of(0n)),
      tensor('one', [], BigInt64Array.of(1n)),
    ],
    input: [
      value('x', 'float', ['N', 1]),
      value('ms', 'int64', ['N', 1]),
      ...(sequences ? [value('START', 'float', ['N', 1]), value('n', 'int64', ['N', 1])] : []),
    ],
    output: [
      value('y', 'float', ['N', 1]),
      value('in_batch', 'int64', ['N', 1]),
      ...(sequences ? [value('count', 'int64', ['N', 1]), value('n_next', 'int64', ['N', 1])] : []),
    ],
  };
  const type = root.lookupType('onnx.Model');
  const model = type.fromObject({ ir_version: 8, graph, opset_import: [{ domain: '', version: 17 }] });
  return Buffer.from(type.encode(model).finish());
}
