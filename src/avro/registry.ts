import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { classify, DownlinkError } from '../errors.ts';
import { Type } from './avsc.ts';
import { compatible } from './compatible.ts';
import { parseSchema } from './parse-schema.ts';
import { codedFailure, onlyRegistries, saysUnknown, statusOf } from './registry-failure.ts';
import type { SchemaSource } from './schema-source.ts';
import type { TypeOptions } from './shown-types.ts';

export interface RegistryAddress {
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: { reveal(): string } } | undefined;
}

export interface Registry extends SchemaSource {
  /** The id of a schema under a subject, registered if it was not; `schema-incompatible` if the subject's level forbids it. */
  register(subject: string, schema: string): Promise<number>;
}

/** The schema registry at an address, whose schemas are made types as is said. Nothing is asked before it is needed. */
export function openRegistry({ url, credentials }: RegistryAddress, types: TypeOptions = {}): Registry {
  const auth = credentials && { username: credentials.username, password: credentials.password.reveal() };
  const address = {
    host: url,
    clientId: 'downlink',
    ...(auth === undefined ? {} : { auth }),
    retry: { retries: 1, initialRetryTimeInSecs: 0.05, maxRetryTimeInSecs: 0.5 },
    middlewares: [onlyRegistries],
  };
  const client = new SchemaRegistry(address, { [SchemaType.AVRO]: types });

  const headers: Record<string, string> = auth
    ? { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
    : {};

  const typeOf = async (id: number): Promise<Type> => {
    try {
      const type: unknown = await client.getSchema(id);
      if (Type.isType(type)) return type as Type;
    } catch (thrown) {
      const status = statusOf(thrown);
      if (status === 404 && (await saysUnknown(url, id, headers).catch(() => false))) {
        throw new DownlinkError('schema-unknown', `${url} has no schema ${id}`);
      }
      if (status !== undefined || thrown instanceof DownlinkError) throw codedFailure(thrown, url);
      throw new DownlinkError('schema-unreadable', `schema ${id}: ${classify(thrown).detail}`);
    }
    throw new DownlinkError('schema-unreadable', `schema ${id} is not an Avro schema`);
  };

  /** Compared first, so that a start that changes nothing needs no right to write. */
  const registered = async (subject: string, schema: string): Promise<number | undefined> => {
    try {
      return await client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema });
    } catch (thrown) {
      // The client's word for a 404 here.
      if (thrown instanceof Error && thrown.name === 'ConfluentSchemaRegistryError') return undefined;
      throw thrown;
    }
  };

  const registerUnder = async (subject: string, schema: string, compatibility: COMPATIBILITY): Promise<number> => {
    try {
      const { id } = await client.register({ type: SchemaType.AVRO, schema }, { subject, compatibility });
      return id;
    } catch (thrown) {
      // The client wants to be told the level that the subject has, and says it only here.
      const [, said] = /\(\w+ != (\w+)\)$/.exec(thrown instanceof Error ? thrown.message : '') ?? [];
      const level = Object.entries(COMPATIBILITY).find(([name]) => name === said)?.[1];
      if (level === undefined || level === compatibility) throw thrown;
      return registerUnder(subject, schema, level);
    }
  };

  const reasons = async (subject: string, schema: string, said: string): Promise<string> => {
    const latest = await client.getLatestSchemaId(subject).then(typeOf);
    const [mine, theirs] = [schema, JSON.stringify(latest.schema({ exportAttrs: true }))].map((text) =>
      parseSchema(text),
    );
    if (mine === undefined || theirs === undefined) return said;
    const found = [...compatible(mine, theirs, 'new'), ...compatible(theirs, mine, 'old')];
    return found.map(({ description }) => description).join('; ') || said;
  };

  const register = async (subject: string, schema: string): Promise<number> => {
    try {
      return (await registered(subject, schema)) ?? (await registerUnder(subject, schema, COMPATIBILITY.BACKWARD));
    } catch (thrown) {
      if (statusOf(thrown) !== 409) throw codedFailure(thrown, url);
      const said = (thrown as Error).message;
      const why = await reasons(subject, schema, said).catch(() => said);
      throw new DownlinkError('schema-incompatible', `subject ${subject}: ${why}`);
    }
  };
  return { typeOf, register };
}
