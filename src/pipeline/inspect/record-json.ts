import type { Shown } from './shown.ts';
import { textIn } from './text-in.ts';
import { timeKind, timeOf } from './time-of.ts';

/** A record as one line of JSON, nothing left out. Bytes that are no text are `{ hex }`. */
export function recordJson({ topic, logged: { partition, view, batch }, value }: Shown): string {
  const said = {
    topic,
    partition,
    offset: view.offset,
    time: timeOf(view) ?? null,
    timestamp: view.timestamp,
    timestampType: timeKind(batch),
    compression: batch.codec ?? null,
    transactional: batch.transactional,
    key: textOrHex(view.key),
    headers: view.headers().map(([name, bytes]) => ({ name, value: textOrHex(bytes) })),
    ...(value.kind === 'decoded' ? { schema: value.schema, value: value.of } : {}),
    ...(value.kind === 'bytes' ? { value: textOrHex(value.bytes), reason: value.reason ?? null } : {}),
    ...(value.kind === 'none' ? { value: null } : {}),
  };
  return JSON.stringify(said, plain);
}

const textOrHex = (bytes: Buffer | null): unknown => (bytes === null ? null : (textIn(bytes) ?? bytes));

/** As it is stored: dates are milliseconds, and a number that JSON cannot hold is its text. */
function plain(this: unknown, key: string, given: unknown): unknown {
  // What is given went through `toJSON` before, which Dates and Buffers have.
  const value = (this as Readonly<Record<string, unknown>>)[key];
  if (value instanceof Date) return value.getTime();
  if (Buffer.isBuffer(value)) return { hex: value.toString('hex') };
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return given;
}
