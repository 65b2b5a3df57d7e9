import { isEnumeration, nameOfNumber } from './field-table.ts';
import type { Enumeration } from '../../../kserve/message-types.ts';

export type Scalar = string | number | bigint | boolean;

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

const expected = (type: string | Enumeration): string => {
  if (isEnumeration(type)) return `one of ${[...type.numbers.keys()].join(', ')}`;
  if (type in ranges) return `an ${type}`;
  return type === 'string' ? 'a string' : type === 'bool' ? 'true or false' : 'a number';
};

/** What was written for a value: a quoted text, a word, or a number with its sign. */
export interface Written {
  readonly kind: 'string' | 'name' | 'number';
  readonly text: string;
}

/** The value, or what it should have been. */
export function readScalar(type: string | Enumeration, written: Written): Scalar | { readonly expected: string } {
  const value = isEnumeration(type) ? readEnumeration(type, written) : readPlain(type, written);
  return value ?? { expected: expected(type) };
}

function readEnumeration(type: Enumeration, { kind, text }: Written): string | undefined {
  if (kind === 'name') return type.numbers.has(text) ? text : undefined;
  return kind === 'number' ? nameOfNumber(type, Number(text)) : undefined;
}

function readPlain(type: string, { kind, text }: Written): Scalar | undefined {
  if (type === 'string') return kind === 'string' ? text : undefined;
  if (kind === 'string') return undefined;
  if (type === 'bool') return readBool(text);
  const range = ranges[type];
  if (range === undefined) return readFloat(text);
  const value = readInteger(text);
  if (value === undefined || value < range[0] || value > range[1]) return undefined;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

const readBool = (text: string): boolean | undefined => {
  if (['true', 'True', 't', '1'].includes(text)) return true;
  return ['false', 'False', 'f', '0'].includes(text) ? false : undefined;
};

function readInteger(text: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^(-?)(.*)$/.exec(text) ?? [];
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (!/^(0[xX][0-9a-fA-F]+|0o[0-7]+|0|[1-9]\d*)$/.test(octal)) return undefined;
  return sign === '-' ? -BigInt(octal) : BigInt(octal);
}

function readFloat(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^(-?)(.*)$/.exec(text) ?? [];
  const lower = rest.toLowerCase();
  let value: number;
  if (lower === 'inf' || lower === 'infinity') value = Infinity;
  else if (lower === 'nan') value = NaN;
  else if (/^0[0-7]+$/.test(rest)) value = Number.parseInt(rest, 8);
  else if (/^0[xX]/.test(rest)) value = Number(rest);
  else if (/^[\d.]/.test(rest)) value = Number(lower.replace(/f$/, ''));
  else return undefined;
  return sign === '-' ? -value : value;
}
