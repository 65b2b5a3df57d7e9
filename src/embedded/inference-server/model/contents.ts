import { bytesOf, joinElements, type Datatype } from '../../../kserve/datatypes.ts';
import type { Contents, InferInput } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';

interface Kind {
  /** The datatypes whose tensors it may hold; the first is the one it is called by. */
  readonly datatypes: readonly [Datatype, ...Datatype[]];
}

const kinds: Readonly<Record<Contents['field'], Kind>> = {
  bool: { datatypes: ['BOOL'] },
  int: { datatypes: ['INT32', 'INT8', 'INT16'] },
  int64: { datatypes: ['INT64'] },
  uint: { datatypes: ['UINT32', 'UINT8', 'UINT16'] },
  uint64: { datatypes: ['UINT64'] },
  fp32: { datatypes: ['FP32'] },
  fp64: { datatypes: ['FP64'] },
  bytes: { datatypes: ['BYTES'] },
};

/** The bytes of a tensor whose elements came one by one. */
export function contentBytes(model: string, { name, datatype }: InferInput, { field, values }: Contents): Uint8Array {
  const { datatypes } = kinds[field];
  const found = datatypes.find((one) => one === datatype);
  if (found === undefined) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `unexpected explicit tensor data for input tensor '${name}' for model '${model}' of type '${datatypes[0]}', expected datatype '${datatype}'`,
    );
  }
  return encode(found, values);
}

const numbers = (values: Contents['values']): number[] => values.map(Number);
const integers = (values: Contents['values']): bigint[] =>
  values.map((value) => (typeof value === 'bigint' ? value : BigInt(Number(value))));

function encode(datatype: Datatype, values: Contents['values']): Uint8Array {
  switch (datatype) {
    case 'BYTES':
      return joinElements(values.map((value) => (value instanceof Uint8Array ? value : Buffer.from(String(value)))));
    case 'INT64':
      return bytesOf(BigInt64Array.from(integers(values)));
    case 'UINT64':
      return bytesOf(BigUint64Array.from(integers(values)));
    case 'FP32':
      return bytesOf(Float32Array.from(numbers(values)));
    case 'FP64':
      return bytesOf(Float64Array.from(numbers(values)));
    case 'BOOL':
    case 'UINT8':
      return Uint8Array.from(numbers(values));
    case 'INT8':
      return bytesOf(Int8Array.from(numbers(values)));
    case 'INT16':
      return bytesOf(Int16Array.from(numbers(values)));
    case 'UINT16':
    case 'FP16':
    case 'BF16':
      return bytesOf(Uint16Array.from(numbers(values)));
    case 'INT32':
      return bytesOf(Int32Array.from(numbers(values)));
    case 'UINT32':
      return bytesOf(Uint32Array.from(numbers(values)));
  }
}
