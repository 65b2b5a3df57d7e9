/** What requests and answers have in common: parameters, shapes, the elements of tensors. */

import type { Backwards } from './backwards.ts';
import type { Contents, Parameter, Parameters } from './infer.ts';
import {
  readBytes,
  readDimension,
  readFields,
  readInt64,
  readText,
  readUint,
  readUint64,
  Malformed,
  wireTypes,
  type Cursor,
} from './wire.ts';

export const noParameters: Parameters = new Map();

export function addParameter(entry: Buffer, parameters: Map<string, Parameter>): void {
  let name = '';
  let parameter: Parameter | undefined;
  readFields(entry, (field, cursor) => {
    if (field === 1) name = readText(cursor);
    else if (field === 2) parameter = readParameter(readBytes(cursor));
    else return false;
    return true;
  });
  // A parameter whose kind is not known has no value either.
  if (parameter !== undefined) parameters.set(name, parameter);
}

function readParameter(bytes: Buffer): Parameter | undefined {
  let parameter: Parameter | undefined;
  readFields(bytes, (field, cursor) => {
    if (field === 1) parameter = { kind: 'bool', value: readUint(cursor) !== 0 };
    else if (field === 2) parameter = { kind: 'int64', value: readInt64(cursor) };
    else if (field === 3) parameter = { kind: 'string', value: readText(cursor) };
    else if (field === 4) parameter = { kind: 'double', value: readFixed(cursor, 8) };
    else if (field === 5) parameter = { kind: 'uint64', value: readUint64(cursor) };
    else return false;
    return true;
  });
  return parameter;
}

export function writeParameters(out: Backwards, field: number, parameters: Parameters): void {
  for (const [name, parameter] of parameters) {
    const end = out.at;
    writeParameter(out, parameter);
    out.close(2, end);
    out.text(1, name);
    out.close(field, end);
  }
}

/** Those of a request or an answer, which have the same number in both. */
export const encodeParameters = (out: Backwards, parameters: Parameters): void => {
  writeParameters(out, 4, parameters);
};

function writeParameter(out: Backwards, { kind, value }: Parameter): void {
  if (kind === 'string') {
    out.data(3, Buffer.from(value));
  } else if (kind === 'bool') {
    out.uint(value ? 1 : 0);
    out.tag(1, wireTypes.varint);
  } else if (kind === 'double') {
    out.fixed64((bytes, at) => bytes.writeDoubleLE(value, at));
    out.tag(4, wireTypes.fixed64);
  } else {
    out.uint64(value);
    out.tag(kind === 'int64' ? 2 : 5, wireTypes.varint);
  }
}

export function readShape(cursor: Cursor, wireType: number, shape: number[]): void {
  if (wireType === wireTypes.varint) {
    shape.push(readDimension(cursor));
    return;
  }
  const end = readUint(cursor) + cursor.at;
  if (end > cursor.bytes.length) throw new Malformed('the message is cut short');
  while (cursor.at < end) shape.push(readDimension(cursor));
}

export function writeShape(out: Backwards, field: number, shape: readonly number[]): void {
  const end = out.at;
  for (let index = shape.length - 1; index >= 0; index--) {
    const length = shape[index] ?? 0;
    if (length >= 0 && length < 2 ** 32) out.uint(length);
    else out.uint64(BigInt(length));
  }
  if (shape.length > 0) out.close(field, end);
}

const readFixed = (cursor: Cursor, size: 4 | 8): number => {
  const at = cursor.at;
  cursor.at += size;
  if (cursor.at > cursor.bytes.length) throw new Malformed('the message is cut short');
  return size === 4 ? cursor.bytes.readFloatLE(at) : cursor.bytes.readDoubleLE(at);
};

type Element = Contents['values'][number];

const fields: readonly (readonly [Contents['field'], (cursor: Cursor) => Element, wireType: number] | undefined)[] = [
  undefined,
  ['bool', (cursor) => readUint(cursor) !== 0, wireTypes.varint],
  ['int', (cursor) => Number(BigInt.asIntN(32, readUint64(cursor))), wireTypes.varint],
  ['int64', readInt64, wireTypes.varint],
  ['uint', readUint, wireTypes.varint],
  ['uint64', readUint64, wireTypes.varint],
  ['fp32', (cursor) => readFixed(cursor, 4), wireTypes.fixed32],
  ['fp64', (cursor) => readFixed(cursor, 8), wireTypes.fixed64],
  ['bytes', readBytes, wireTypes.bytes],
];

export function readContents(bytes: Buffer): Contents | undefined {
  let name: Contents['field'] | undefined;
  const values: Element[] = [];
  readFields(bytes, (field, cursor, wireType) => {
    const known = fields[field];
    if (known === undefined) return false;
    const [called, read, single] = known;
    // Only one kind makes sense; the last one is taken, as with a choice.
    if (name !== called) values.length = 0;
    name = called;
    if (wireType === single) values.push(read(cursor));
    else {
      const end = readUint(cursor) + cursor.at;
      if (end > cursor.bytes.length) throw new Malformed('the message is cut short');
      while (cursor.at < end) values.push(read(cursor));
    }
    return true;
  });
  return name === undefined ? undefined : { field: name, values };
}

export function writeContents(out: Backwards, field: number, contents: Contents): void {
  const number = fields.findIndex((known) => known?.[0] === contents.field);
  const outer = out.at;
  for (let index = contents.values.length - 1; index >= 0; index--) {
    const value = contents.values[index];
    if (value instanceof Uint8Array) out.data(number, value);
    else if (contents.field === 'fp32') out.fixed32((bytes, at) => bytes.writeFloatLE(Number(value), at));
    else if (contents.field === 'fp64') out.fixed64((bytes, at) => bytes.writeDoubleLE(Number(value), at));
    else out.uint64(BigInt(value ?? 0));
  }
  if (contents.field !== 'bytes') out.close(number, outer);
  out.close(field, outer);
}
