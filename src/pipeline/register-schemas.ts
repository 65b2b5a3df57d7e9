import { schemaText, typeNamed } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import type { Topic, Topology } from '../config/topology.ts';
import type { SchemaName } from '../contract/index.ts';
import { classify, DownlinkError } from '../errors.ts';

export interface RegisteredSchema {
  /** As Kafka calls it. */
  readonly topic: string;
  readonly subject: string;
  readonly schema: SchemaName;
  readonly id: number;
}

/** Under `<topic>-value`, as users' serializers expect it; further schemas of a topic under `<topic>-<full name>`. */
const subjectsOf = ({ kafkaName, schemas }: Topic) =>
  schemas.map((schema, i) => ({
    topic: kafkaName,
    schema,
    subject: `${kafkaName}-${i === 0 ? 'value' : (typeNamed(schema).name ?? schema)}`,
  }));

/**
 * Registers or compares every schema of a topology, before anything is consumed. Those that are incompatible are named
 * all at once, each with subject, field and reason.
 */
export async function registerSchemas(topology: Topology, registry: Registry): Promise<readonly RegisteredSchema[]> {
  const registered: RegisteredSchema[] = [];
  const incompatible: string[] = [];
  for (const { topic, schema, subject } of topology.topics.flatMap(subjectsOf)) {
    try {
      registered.push({ topic, subject, schema, id: await registry.register(subject, schemaText(schema)) });
    } catch (thrown) {
      const error = classify(thrown);
      if (error.code !== 'schema-incompatible') throw error;
      incompatible.push(error.detail);
    }
  }
  if (incompatible.length > 0) throw new DownlinkError('schema-incompatible', incompatible.join('\n'));
  return registered;
}
