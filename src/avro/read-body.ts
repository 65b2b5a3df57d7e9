import { DownlinkError } from '../errors.ts';
import type { Type } from './avsc.ts';
import { headerBytes } from './framing.ts';

export type Resolver = ReturnType<Type['createResolver']>;

/** What stands behind a record's header, all of it and no more; fails with `record-corrupt`. */
export function readBody(type: Type, bytes: Buffer, resolver?: Resolver): unknown {
  let decoded: { readonly value: unknown; readonly offset: number };
  try {
    decoded = type.decode(bytes, headerBytes, resolver);
  } catch (thrown) {
    // Also a RangeError: bytes that nest so deeply that the stack ends.
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new DownlinkError('record-corrupt', reason);
  }
  const end = decoded.offset;
  if (end === bytes.length) return decoded.value;
  const reason = end < 0 ? 'the record is cut short, or a size in it is wrong' : `${bytes.length - end} bytes too many`;
  throw new DownlinkError('record-corrupt', reason);
}
