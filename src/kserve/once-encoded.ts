import { writeBackwards, type Backwards } from './backwards.ts';

const encoded = new WeakMap<object, Buffer>();
const part = writeBackwards();

/** What a caller sends again and again it hands over as the same object, which it never changes: it is encoded once. */
export function onceEncoded<T extends object>(what: T, encode: (out: Backwards, what: T) => void): Buffer {
  let bytes = encoded.get(what);
  if (bytes === undefined) {
    encode(part, what);
    bytes = part.take();
    encoded.set(what, bytes);
  }
  return bytes;
}
