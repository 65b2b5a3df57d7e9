import { refused } from '../refused.ts';

/** One field of a protobuf message, or several, as bytes. */
export type Field = Uint8Array;

const lengthDelimited = 2;

export const message = (...fields: readonly Field[]): Field => Buffer.concat(fields);

export const integerField = (number: number, value: number): Field =>
  Buffer.from([...varint(number << 3), ...varint(value)]);

export const bytesField = (number: number, content: Uint8Array): Field =>
  Buffer.concat([Buffer.from([...varint((number << 3) | lengthDelimited), ...varint(content.length)]), content]);

export const textField = (number: number, content: string): Field => bytesField(number, Buffer.from(content));

function varint(value: number): number[] {
  const bytes: number[] = [];
  // Two's complement in 64 bits, which is how protobuf writes what is below zero.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

export interface ReadField {
  readonly number: number;
  /** Of an integer. */
  readonly integer: number;
  /** Of a text, a message or packed numbers. */
  readonly bytes: Uint8Array;
}

/** The fields of a message in order. Only what ONNX files of ours hold: integers and what has a length. */
export function* fieldsOf(source: Uint8Array): Generator<ReadField> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = source[at++];
      if (byte === undefined) throw refused('the model file is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw refused('the model file is damaged: a number without end');
  };
  while (at < source.length) {
    const tag = readVarint();
    const [number, wire] = [tag >>> 3, tag & 7];
    if (wire !== 0 && wire !== lengthDelimited) throw refused(`the model file has a field of wire type ${wire}`);
    const value = readVarint();
    if (wire === 0) {
      yield { number, integer: value, bytes: new Uint8Array() };
      continue;
    }
    if (value < 0 || at + value > source.length) throw refused('the model file is cut short');
    at += value;
    yield { number, integer: 0, bytes: source.subarray(at - value, at) };
  }
}
