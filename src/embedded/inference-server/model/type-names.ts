import type { Datatype } from '../../../kserve/datatypes.ts';

interface Names {
  /** ONNX Runtime's in JavaScript. */
  readonly runtime: string;
  /** ONNX' own. */
  readonly onnx: string;
  /** In a model's configuration. */
  readonly config: string;
}

export const typeNames: Readonly<Record<Datatype, Names>> = {
  BOOL: { runtime: 'bool', onnx: 'BOOL', config: 'TYPE_BOOL' },
  UINT8: { runtime: 'uint8', onnx: 'UINT8', config: 'TYPE_UINT8' },
  UINT16: { runtime: 'uint16', onnx: 'UINT16', config: 'TYPE_UINT16' },
  UINT32: { runtime: 'uint32', onnx: 'UINT32', config: 'TYPE_UINT32' },
  UINT64: { runtime: 'uint64', onnx: 'UINT64', config: 'TYPE_UINT64' },
  INT8: { runtime: 'int8', onnx: 'INT8', config: 'TYPE_INT8' },
  INT16: { runtime: 'int16', onnx: 'INT16', config: 'TYPE_INT16' },
  INT32: { runtime: 'int32', onnx: 'INT32', config: 'TYPE_INT32' },
  INT64: { runtime: 'int64', onnx: 'INT64', config: 'TYPE_INT64' },
  FP16: { runtime: 'float16', onnx: 'FLOAT16', config: 'TYPE_FP16' },
  BF16: { runtime: 'bfloat16', onnx: 'BFLOAT16', config: 'TYPE_BF16' },
  FP32: { runtime: 'float32', onnx: 'FLOAT', config: 'TYPE_FP32' },
  FP64: { runtime: 'float64', onnx: 'DOUBLE', config: 'TYPE_FP64' },
  BYTES: { runtime: 'string', onnx: 'STRING', config: 'TYPE_STRING' },
};

const byRuntime = new Map(Object.values(typeNames).map((names) => [names.runtime, names]));

export const namesOfRuntime = (type: string | undefined): Names | undefined => byRuntime.get(type ?? '');
