/** The datatypes of the protocol: how many bytes an element has; BYTES elements have a length each. */
export const sizes = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: 0,
} as const;

export type Datatype = keyof typeof sizes;

export const isDatatype = (name: string): name is Datatype => Object.hasOwn(sizes, name);

/** What an element of a tensor is in JavaScript; FP16 and BF16 stay as their bits. */
interface Arrays {
  BOOL: Uint8Array;
  UINT8: Uint8Array;
  UINT16: Uint16Array;
  UINT32: Uint32Array;
  UINT64: BigUint64Array;
  INT8: Int8Array;
  INT16: Int16Array;
  INT32: Int32Array;
  INT64: BigInt64Array;
  FP16: Uint16Array;
  BF16: Uint16Array;
  FP32: Float32Array;
  FP64: Float64Array;
}

export type Fixed = keyof Arrays;
export type ArrayOf<D extends Fixed> = Arrays[D];
export type AnyArray = Arrays[Fixed];

type Constructor<A> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => A;

const arrays: { readonly [D in Fixed]: Constructor<Arrays[D]> } = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** The elements of a tensor without copying them, unless the bytes do not lie where the elements may begin. */
export function arrayOver<D extends Fixed>(datatype: D, bytes: Uint8Array): ArrayOf<D> {
  const size = sizes[datatype];
  // Not `slice`: a Buffer's makes a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new arrays[datatype](aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** BYTES: before each element its length in four bytes. */
export function joinElements(elements: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(elements.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const element of elements) {
    at = bytes.writeUInt32LE(element.length, at);
    bytes.set(element, at);
    at += element.length;
  }
  return bytes;
}

/** Undefined where the lengths do not add up to the bytes. */
export function splitElements(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at, true);
    at += 4;
    if (at + length > bytes.length) return undefined;
    elements.push(bytes.subarray(at, at + length));
    at += length;
  }
  return elements;
}
