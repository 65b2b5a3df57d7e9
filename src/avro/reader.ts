import { DownlinkError, classify } from '../errors.ts';
import type { Type } from './avsc.ts';
import { schemaIdOf } from './framing.ts';
import { readBody, type Resolver } from './read-body.ts';
import type { SchemaSource } from './schema-source.ts';
import { refuseWeightlessItems } from './types.ts';

export interface Reader<T> {
  /**
   * The value of one record. At once where the writer's schema is known, which is nearly always; else a promise, after
   * the registry was asked. Either way a failure is a DownlinkError.
   */
  decode(bytes: Uint8Array): T | Promise<T>;
}

interface Way {
  readonly reader: Type;
  /** Absent where writer and reader have the same schema. */
  readonly resolver?: Resolver;
}

// Registries compare names without their namespace, as Java's Avro does. A new object for each call: avsc keeps resolvers
// in it, by names, and would hand them out again for other schemas. (Its types don't know the option.)
const anyNamespace = () => ({ ignoreNamespaces: true });

// What the registry does not know today it may know in a moment: a follower can lag, a backup be restored.
const unknownForMs = 10_000;

/** Reads records as any of the given types: whichever the writer's schema resolves to. */
export function openReader<T>(source: SchemaSource, readers: readonly Type[]): Reader<T> {
  const ways = new Map<number, Way | DownlinkError>();
  // Nearly every record has the schema of the one before.
  let last: { readonly id: number; readonly way: Way } | undefined;
  const asked = new Map<number, Promise<void>>();

  const learn = async (id: number): Promise<void> => {
    try {
      ways.set(id, wayFrom(await source.typeOf(id), readers, id));
    } catch (thrown) {
      const error = classify(thrown);
      if (error.verdict !== 'reject') throw error;
      ways.set(id, error);
      if (error.code === 'schema-unknown') setTimeout(() => ways.delete(id), unknownForMs).unref();
    } finally {
      asked.delete(id);
    }
  };

  const decode = (given: Uint8Array): T | Promise<T> => {
    const bytes = Buffer.isBuffer(given) ? given : Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const id = schemaIdOf(bytes);
    if (last?.id === id) return readBody(last.way.reader, bytes, last.way.resolver) as T;
    const way = ways.get(id);
    if (way instanceof DownlinkError) throw new DownlinkError(way.code, way.detail);
    if (way !== undefined) {
      last = { id, way };
      return readBody(way.reader, bytes, way.resolver) as T;
    }
    const lookup = asked.get(id) ?? learn(id);
    asked.set(id, lookup);
    return lookup.then(() => decode(bytes));
  };
  return { decode };
}

function wayFrom(writer: Type, readers: readonly Type[], id: number): Way {
  const reasons: string[] = [];
  for (const reader of readers) {
    try {
      refuseWeightlessItems(writer);
      if (reader.equals(writer)) return { reader };
      return { reader, resolver: reader.createResolver(writer, anyNamespace()) };
    } catch (thrown) {
      reasons.push(`${reader.name ?? reader.typeName}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  throw new DownlinkError('schema-unreadable', `schema ${id} can't be read as ${reasons.join('; nor as ')}`);
}
