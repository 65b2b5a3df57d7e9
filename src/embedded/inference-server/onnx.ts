import { InferenceSession, Tensor } from 'onnxruntime-node';

export type Datatype = 'FP32' | 'FP64' | 'INT64' | 'BOOL';

/** What a model declares of a tensor; a size that is not fixed is a text. */
export interface DeclaredTensor {
  readonly name: string;
  /** A `Datatype`, or what ONNX Runtime calls one that is none of these. */
  readonly datatype: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxTensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Uint8Array;
}

export interface OnnxModel {
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
  /** Without `wanted` it answers all outputs. */
  readonly run: (
    feeds: Readonly<Record<string, OnnxTensor>>,
    wanted?: readonly string[],
  ) => Promise<Record<string, OnnxTensor>>;
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<Datatype, Tensor.Type>> = {
  FP32: 'float32',
  FP64: 'float64',
  INT64: 'int64',
  BOOL: 'bool',
};

/** A model in ONNX Runtime on this machine's CPU; `threads` is how many may work on one run. */
export async function openOnnx(model: Uint8Array, { threads = 1 }: { threads?: number } = {}): Promise<OnnxModel> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // What goes wrong is thrown; it need not be printed, too.
    logSeverityLevel: 4,
  });
  return {
    inputs: session.inputMetadata.map(declared),
    outputs: session.outputMetadata.map(declared),
    run: async (feeds, wanted = session.outputNames) => {
      const tensors = Object.entries(feeds).map(([name, { datatype, shape, data }]) => [
        name,
        new Tensor(types[datatype], data, shape),
      ]);
      const results = await session.run(Object.fromEntries(tensors) as Record<string, Tensor>, wanted);
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [
          name,
          { datatype: datatypeOf(type), shape: dims, data: data as OnnxTensor['data'] },
        ]),
      );
    },
    close: () => session.release(),
  };
}

const declared = (metadata: InferenceSession.ValueMetadata): DeclaredTensor => {
  const { name, isTensor } = metadata;
  if (!isTensor) return { name, datatype: 'no tensor', shape: [] };
  return { name, datatype: named(metadata.type) ?? metadata.type, shape: metadata.shape };
};

const named = (type: Tensor.Type): Datatype | undefined =>
  (Object.keys(types) as Datatype[]).find((datatype) => types[datatype] === type);

function datatypeOf(type: Tensor.Type): Datatype {
  const found = named(type);
  if (found === undefined) throw new TypeError(`a tensor of ${type}`);
  return found;
}
