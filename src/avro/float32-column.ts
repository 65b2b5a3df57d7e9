import { endianness } from 'node:os';
import { types, type Type } from './avsc.ts';

const swapped = endianness() === 'BE';

/**
 * The logical type `float32-column`: bytes that are little-endian float32 values one after the other, seen as a
 * Float32Array. Who does not know it reads plain bytes.
 */
export class Float32Column extends types.LogicalType {
  protected override _fromValue(bytes: Buffer): Float32Array {
    if (bytes.length % 4 !== 0) throw new Error(`a float32 column of ${bytes.length} bytes`);
    // A copy: the bytes seldom begin at a multiple of four, and they would keep the whole fetched buffer alive.
    const column = new Float32Array(bytes.length / 4);
    const view = Buffer.from(column.buffer);
    bytes.copy(view);
    if (swapped) view.swap32();
    return column;
  }

  protected override _toValue(column: unknown): Buffer | undefined {
    if (!(column instanceof Float32Array)) return undefined;
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength);
    return swapped ? Buffer.from(bytes).swap32() : bytes;
  }

  protected override _resolve(writer: Type): ((bytes: Buffer) => Float32Array) | undefined {
    return writer.typeName === 'bytes' ? (bytes) => this._fromValue(bytes) : undefined;
  }
}
