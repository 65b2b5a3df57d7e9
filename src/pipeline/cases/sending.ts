import { didYouMean } from '../../config/closest.ts';
import type { Entity, Topic, Topology } from '../../config/topology.ts';
import type { Written } from '../../config/written.ts';
import type { SchemaName } from '../../contract/index.ts';
import { readHex, readRecord } from './record.ts';
import { headOf, runnable, topicNamed } from './roles.ts';

/** One record that goes in. */
export interface Sending {
  /** How far the clock moves before. */
  readonly afterMs: number;
  readonly topic: Topic;
  readonly partition: number;
  readonly key: string | null;
  readonly timestamp: number;
  readonly content: Content;
}

/** A value under its schema, bytes behind the id of a schema, or bytes as they are. */
export type Content =
  | { readonly schema: SchemaName; readonly value: Readonly<Record<string, unknown>> }
  | { readonly schema?: SchemaName | undefined; readonly bytes: Buffer | null };

export function readSending(written: Written, topology: Topology): Sending | undefined {
  const known = ['after', 'topic', 'partition', 'key', 'timestamp', 'schema', 'value', 'bytes'] as const;
  const given = written.fields(known);
  const name = given.topic?.text();
  const topic = given.topic === undefined ? headOf(topology) : name && topicNamed(given.topic, name, topology);
  if (topic === undefined && given.topic === undefined) written.wrong('topic is missing', 'write `topic:` here');
  if (topic === undefined || topic === '') return undefined;
  if (!runnable(topology).some(({ from }) => from === topic))
    return written.wrong(`no stage that can run in a case reads \`${topic.name}\``, 'send to another topic');
  const key = keyOf(given.key, given.value);
  const content = readContent(written, given, topic, { key, topology });
  const partition = given.partition === undefined ? 0 : given.partition.integer(0, topic.partitions - 1);
  const afterMs = given.after === undefined ? 0 : given.after.duration();
  const timestamp = given.timestamp === undefined ? newestIn(content) : given.timestamp.time();
  const isWhole = [content, key, partition, afterMs, timestamp].every((part) => part !== undefined);
  return isWhole ? ({ afterMs, topic, partition, key, timestamp, content } as Sending) : undefined;
}

/** As users have to key telemetry, unless a case says otherwise; undefined where it is said wrong. */
export function keyOf(key: Written | undefined, value: Written | undefined): string | null | undefined {
  if (key !== undefined) return key.kind === 'nothing' ? null : key.text();
  if (value?.kind !== 'mapping') return null;
  const [satellite, entity] = ['satellite_id', 'entity'].map((name) => value.entries().get(name)?.value);
  return typeof satellite === 'string' && typeof entity === 'string' ? `${satellite}/${entity}` : null;
}

/** The entity of a key, and what its records say of it. */
export function entityOf(key: string | null | undefined, { entities }: Topology) {
  const [satellite_id, entity] = key?.split('/') ?? [];
  const found: Entity | undefined = entities.find(({ satellite, name }) => `${satellite}/${name}` === key);
  return { sensors: found?.sensors, usual: { satellite_id, entity } };
}

type Given = { readonly [F in 'schema' | 'value' | 'bytes']?: Written };

function readContent(
  written: Written,
  { schema: named, value, bytes }: Given,
  { name, schemas }: Topic,
  near: { readonly key: string | null | undefined; readonly topology: Topology },
): Content | undefined {
  const chosen = named === undefined ? undefined : named.text();
  if (named !== undefined && chosen === undefined) return undefined;
  const schema = chosen === undefined ? schemas[0] : schemas.find((one) => one === chosen);
  if (named !== undefined && schema === undefined)
    return named.wrong(`\`${name}\` does not carry \`${chosen ?? ''}\``, didYouMean(chosen ?? '', schemas));
  if ((value === undefined) === (bytes === undefined))
    return written.wrong('must have one of `value` and `bytes`', 'write what the record holds');
  if (bytes !== undefined) {
    const read = bytes.kind === 'nothing' ? null : readHex(bytes);
    return read === undefined ? undefined : { bytes: read, schema: named === undefined ? undefined : schema };
  }
  if (value === undefined || value.kind === 'nothing') return { bytes: null };
  if (schema === undefined) return value.wrong(`\`${name}\` carries bytes`, 'write `bytes: 00ff` in place of `value`');
  const read = readRecord(value, { schema, ...entityOf(near.key, near.topology), partial: false });
  return read && { schema, value: read };
}

/** A record came when its newest sample was measured, unless a case says otherwise. */
function newestIn(content: Content | undefined): number {
  if (content === undefined || !('value' in content)) return 0;
  const { timestamp, timestamps } = content.value;
  if (Array.isArray(timestamps)) return Math.max(0, ...(timestamps as readonly number[]));
  return typeof timestamp === 'number' ? timestamp : 0;
}
