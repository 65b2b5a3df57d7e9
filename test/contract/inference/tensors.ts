import {
  arrayOver,
  bytesOf,
  isDatatype,
  joinElements,
  splitElements,
  type Datatype,
} from '../../../src/kserve/datatypes.ts';
import type { InferInput, InferRequest, InferResponse, Parameter, Tensor } from '../../../src/kserve/infer.ts';
import type { Asked, TensorText } from './conversations.ts';

type Values = readonly (number | boolean | string)[];

export function encode(datatype: Datatype, values: Values): Uint8Array {
  const numbers = values.map(Number);
  if (datatype === 'BYTES') return joinElements(values.map((value) => Buffer.from(String(value))));
  if (datatype === 'FP32') return bytesOf(Float32Array.from(numbers));
  if (datatype === 'FP64') return bytesOf(Float64Array.from(numbers));
  if (datatype === 'INT64') return bytesOf(BigInt64Array.from(numbers, BigInt));
  if (datatype === 'INT32') return bytesOf(Int32Array.from(numbers));
  if (datatype === 'BOOL') return Uint8Array.from(numbers);
  throw new Error(`no recorded request holds ${datatype}`);
}

/** Rounded as in the recording. */
export function decode({ datatype, bytes }: Tensor): readonly unknown[] {
  if (datatype === 'BYTES') return (splitElements(bytes) ?? []).map((element) => Buffer.from(element).toString());
  if (datatype === 'BOOL') return Array.from(bytes, (byte) => byte !== 0);
  return Array.from<number | bigint, number>(arrayOver(datatype, bytes), (value) =>
    Number(Number(value).toPrecision(6)),
  );
}

const kinds: Readonly<Record<string, Parameter['kind']>> = {
  bool_param: 'bool',
  int64_param: 'int64',
  uint64_param: 'uint64',
  string_param: 'string',
  double_param: 'double',
};

export function parametersOf(texts: Asked['parameters'] = {}): ReadonlyMap<string, Parameter> {
  return new Map(
    Object.entries(texts).map(([name, choice]) => {
      const [[field, value] = ['', '']] = Object.entries(choice);
      const kind = kinds[field];
      if (kind === 'int64' || kind === 'uint64') return [name, { kind, value: BigInt(String(value)) }];
      return [name, { kind, value } as Parameter];
    }),
  );
}

const bytesOfInput = ({ datatype, data, raw_bytes: zeros }: TensorText): Uint8Array | undefined => {
  if (zeros !== undefined) return new Uint8Array(zeros);
  return data === undefined ? undefined : encode(isDatatype(datatype) ? datatype : 'FP32', data);
};

export function requestOf(asked: Asked): InferRequest {
  const inputs = asked.inputs ?? [];
  return {
    model: asked.model_name ?? '',
    version: asked.model_version ?? '',
    id: asked.id ?? '',
    parameters: parametersOf(asked.parameters),
    inputs: inputs.map(({ name, datatype, shape, contents }): InferInput => {
      const [[field, values] = []] = Object.entries(contents ?? {});
      const plain = { name, datatype, shape, parameters: new Map<string, Parameter>() };
      if (field === undefined || values === undefined) return plain;
      return { ...plain, contents: { field: field.replace('_contents', '') as 'fp32', values } };
    }),
    outputs: (asked.outputs ?? []).map((name) => ({ name, parameters: new Map<string, Parameter>() })),
    raw: [
      ...inputs.flatMap((input) => bytesOfInput(input) ?? []),
      ...(asked.extra_raw_bytes ?? []).map((length) => new Uint8Array(length)),
    ],
  };
}

/** As the recording has it. */
export const textOf = ({ model, version, id, outputs }: InferResponse): object => ({
  model_name: model,
  model_version: version,
  id,
  outputs: outputs.map((tensor) => ({
    name: tensor.name,
    datatype: tensor.datatype,
    shape: tensor.shape,
    data: decode(tensor),
  })),
});
