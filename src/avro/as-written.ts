import { classify, DownlinkError } from '../errors.ts';
import type { Type } from './avsc.ts';
import { schemaIdOf } from './framing.ts';
import { readBody } from './read-body.ts';
import type { SchemaSource } from './schema-source.ts';
import { refuseWeightlessItems } from './types.ts';

/** What a record holds, and the schema that it was written with. */
export interface AsWritten {
  readonly schema: { readonly id: number; readonly name: string };
  readonly value: unknown;
}

/** Decodes records by the schemas they were written with, whatever a reader would make of them. */
export interface AsWrittenReader {
  /** Fails with a DownlinkError. */
  decode(bytes: Buffer): Promise<AsWritten>;
}

/** `source` makes the types that values are to have. What it does not know, or cannot say now, is asked for once. */
export function openAsWritten(source: SchemaSource): AsWrittenReader {
  const known = new Map<number, Promise<Type | DownlinkError>>();

  const learn = async (id: number): Promise<Type | DownlinkError> => {
    try {
      const type = await source.typeOf(id);
      const fault = faultOf(type);
      return fault === undefined ? type : new DownlinkError('schema-unreadable', `schema ${id}: ${fault}`);
    } catch (thrown) {
      return classify(thrown);
    }
  };

  return {
    decode: async (bytes) => {
      const id = schemaIdOf(bytes);
      const asking = known.get(id) ?? learn(id);
      known.set(id, asking);
      const type = await asking;
      if (type instanceof Error) throw type;
      return { schema: { id, name: type.name ?? type.typeName }, value: readBody(type, bytes) };
    },
  };
}

function faultOf(type: Type): string | undefined {
  try {
    refuseWeightlessItems(type);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
