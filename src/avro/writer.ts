import { DownlinkError } from '../errors.ts';
import type { Type } from './avsc.ts';
import { headerBytes, writeHeader } from './framing.ts';

export interface Writer<T> {
  encode(value: T): Buffer;
}

// Grows to the largest record seen. Encoding is synchronous and copies out, so all writers share it.
let scratch = Buffer.allocUnsafe(64 * 1024);

/** Writes records of one type under the id that the registry gave its schema. */
export function openWriter<T>(type: Type, id: number): Writer<T> {
  const encode = (value: T): Buffer => {
    let end: number;
    try {
      end = type.encode(value, scratch, headerBytes);
      if (end < 0) {
        scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
        end = type.encode(value, scratch, headerBytes);
      }
    } catch (thrown) {
      throw new DownlinkError('record-unencodable', reasonOf(type, value, thrown));
    }
    const bytes = Buffer.allocUnsafe(end);
    scratch.copy(bytes, headerBytes, headerBytes, end);
    writeHeader(bytes, id);
    return bytes;
  };
  return { encode };
}

/** Which fields do not fit: avsc itself names only the type. */
function reasonOf(type: Type, value: unknown, thrown: unknown): string {
  const fields: string[] = [];
  type.isValid(value, {
    errorHook: (path, _value, expected) => fields.push(`${path.join('.')} is no ${expected.typeName}`),
  });
  const record = type.name ?? type.typeName;
  return `${record}: ${fields.length > 0 ? fields.join(', ') : String(thrown)}`;
}
