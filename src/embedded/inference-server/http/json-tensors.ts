import {
  arrayOver,
  bytesOf,
  elementsOf as countOf,
  joinElements,
  splitElements,
  type Datatype,
} from '../../../kserve/datatypes.ts';
import { Refusal } from '../../../kserve/status.ts';

type Element = number | bigint | boolean | string;

const unparsed = (why: string): Refusal => new Refusal('INTERNAL', `Unable to parse 'data': ${why}`);
const misshapen = (): Refusal => unparsed("Shape does not match true shape of 'data' field");

/** The bytes of a tensor whose elements are JSON, in nested lists or in one. */
export function bytesOfJson(datatype: Datatype, shape: readonly number[], data: unknown): Uint8Array {
  const elements: unknown[] = [];
  flatten(data, elements);
  if (elements.length !== countOf(shape)) throw misshapen();
  switch (datatype) {
    case 'BYTES':
      return joinElements(
        elements.map((element) => {
          if (typeof element !== 'string') throw unparsed('attempt to access JSON non-string as string');
          return Buffer.from(element);
        }),
      );
    case 'BOOL':
      return Uint8Array.from(elements, (element) => {
        if (typeof element !== 'boolean' && typeof element !== 'number')
          throw unparsed('attempt to access JSON non-boolean as boolean');
        return element ? 1 : 0;
      });
    case 'FP16':
    case 'BF16':
      throw new Refusal(
        'INVALID_ARGUMENT',
        `sending ${datatype} data via JSON is not supported. Please use the binary data format`,
      );
    case 'FP32':
      return bytesOf(Float32Array.from(elements, real));
    case 'FP64':
      return bytesOf(Float64Array.from(elements, real));
    case 'INT64':
      return bytesOf(BigInt64Array.from(elements, (element) => BigInt(whole(element))));
    case 'UINT64':
      return bytesOf(BigUint64Array.from(elements, (element) => BigInt(whole(element))));
    case 'INT8':
      return bytesOf(Int8Array.from(elements, whole));
    case 'INT16':
      return bytesOf(Int16Array.from(elements, whole));
    case 'INT32':
      return bytesOf(Int32Array.from(elements, whole));
    case 'UINT8':
      return Uint8Array.from(elements, whole);
    case 'UINT16':
      return bytesOf(Uint16Array.from(elements, whole));
    case 'UINT32':
      return bytesOf(Uint32Array.from(elements, whole));
  }
}

function flatten(data: unknown, into: unknown[]): void {
  if (!Array.isArray(data)) throw unparsed('attempt to access JSON non-array as array');
  for (const one of data as readonly unknown[]) {
    if (Array.isArray(one)) flatten(one, into);
    else into.push(one);
  }
}

const real = (element: unknown): number => {
  if (typeof element !== 'number') throw unparsed('attempt to access JSON non-number as double');
  return element;
};

const whole = (element: unknown): number => {
  if (typeof element !== 'number' || !Number.isInteger(element))
    throw unparsed('attempt to access JSON non-signed-integer as signed-integer');
  return element;
};

export function elementsOf(datatype: Datatype, bytes: Uint8Array): readonly Element[] {
  if (datatype === 'BYTES') return (splitElements(bytes) ?? []).map((element) => Buffer.from(element).toString('utf8'));
  if (datatype === 'BOOL') return Array.from(bytes, (byte) => byte !== 0);
  return Array.from<number | bigint>(arrayOver(datatype, bytes));
}

/** What JSON can't say of numbers is null there. */
export const jsonText = (elements: readonly Element[]): string =>
  `[${elements.map((element) => (typeof element === 'bigint' ? String(element) : JSON.stringify(element))).join(',')}]`;
