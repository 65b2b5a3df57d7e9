import { InferenceSession, Tensor } from 'onnxruntime-node';

export type Datatype = 'FP32' | 'INT64' | 'BOOL';

/** What a model declares of a tensor; a size that is not fixed is a text. */
export interface DeclaredTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly (number | string)[];
}

export interface OnnxTensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

export interface OnnxModel {
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
  readonly run: (feeds: Readonly<Record<string, OnnxTensor>>) => Promise<Record<string, OnnxTensor>>;
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<Datatype, Tensor.Type>> = { FP32: 'float32', INT64: 'int64', BOOL: 'bool' };

/** A model in ONNX Runtime on this machine's CPU; `threads` is how many may work on one run. */
export async function openOnnx(model: Uint8Array, { threads = 1 }: { threads?: number } = {}): Promise<OnnxModel> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  return {
    inputs: session.inputMetadata.map(declared),
    outputs: session.outputMetadata.map(declared),
    run: async (feeds) => {
      const tensors = Object.entries(feeds).map(([name, { datatype, shape, data }]) => [
        name,
        new Tensor(types[datatype], data, shape),
      ]);
      const results = await session.run(Object.fromEntries(tensors) as Record<string, Tensor>);
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
  if (!metadata.isTensor) throw new TypeError(`${metadata.name} is no tensor`);
  return { name: metadata.name, datatype: datatypeOf(metadata.type), shape: metadata.shape };
};

function datatypeOf(type: Tensor.Type): Datatype {
  const found = (Object.keys(types) as Datatype[]).find((datatype) => types[datatype] === type);
  if (found === undefined) throw new TypeError(`a tensor of ${type}`);
  return found;
}
