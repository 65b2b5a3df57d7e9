import { endianness } from 'node:os';
import { noMore, types, type Tap, type Type } from './avsc.ts';

const none = new Float32Array(0);
const swapped = endianness() === 'BE';

/**
 * The logical type `float32-column`: bytes that are little-endian float32 values one after the other, seen as a
 * Float32Array. Who does not know it reads plain bytes.
 */
export class Float32Column extends types.LogicalType {
  /** From where they lie: what avsc reads as bytes is a copy already, and this makes one. */
  protected _read(tap: Tap): Float32Array {
    const length = tap.readLong();
    const from = tap.pos;
    if (length < 0 || length > tap.buf.length - from) {
      noMore(tap);
      return none;
    }
    tap.pos += length;
    return this._fromValue(tap.buf.subarray(from, tap.pos));
  }

  protected override _fromValue(bytes: Uint8Array): Float32Array {
    if (bytes.length % 4 !== 0) throw new Error(`a float32 column of ${bytes.length} bytes`);
    // A copy: the bytes seldom begin at a multiple of four, and they would keep the whole fetched buffer alive.
    const column = new Float32Array(bytes.length / 4);
    const view = new Uint8Array(column.buffer);
    view.set(bytes);
    if (swapped) Buffer.from(column.buffer).swap32();
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
