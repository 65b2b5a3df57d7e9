import type { AsWrittenReader } from '../../avro/as-written.ts';
import { classify } from '../../errors.ts';
import type { Logged } from './logged.ts';

/** A record with its value decoded, as far as that can be done. */
export interface Shown {
  readonly topic: string;
  readonly logged: Logged;
  readonly value:
    | { readonly kind: 'none' }
    | {
        readonly kind: 'decoded';
        readonly schema: { readonly id: number; readonly name: string };
        readonly of: unknown;
      }
    | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly reason: string | undefined };
}

export interface Showing {
  readonly topic: string;
  /** It carries records with schemas; else whatever anybody wrote. */
  readonly hasSchemas: boolean;
  /** Undefined: there is no registry to ask. */
  readonly reader: AsWrittenReader | undefined;
}

/** Decodes what has a schema's id in front by the schema that it was written with; never fails. */
export async function shown(logged: Logged, { topic, hasSchemas, reader }: Showing): Promise<Shown> {
  const { value: bytes } = logged.view;
  if (bytes === null) return { topic, logged, value: { kind: 'none' } };
  const asBytes = (reason: string | undefined): Shown => ({ topic, logged, value: { kind: 'bytes', bytes, reason } });
  if (reader === undefined) return asBytes('no schema registry is named: DOWNLINK_REGISTRY');
  try {
    const { schema, value } = await reader.decode(bytes);
    return { topic, logged, value: { kind: 'decoded', schema, of: value } };
  } catch (thrown) {
    const error = classify(thrown);
    // In a topic of bytes nothing is wrong with what is no record of downlink.
    return asBytes(error.code === 'record-unframed' && !hasSchemas ? undefined : error.message);
  }
}
