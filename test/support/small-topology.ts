import { basename } from 'node:path';
import { readSchemaFiles, schemaFolder } from '../../src/avro/schema-files.ts';
import { readTopology, type Topology } from '../../src/config/topology.ts';
import type { Declaration, Definition, SchemaName } from '../../src/contract/index.ts';
import { group } from '../../src/contract/settings.ts';
import type { Settings } from '../../src/pipeline/settings.ts';
import { quietKafka } from './kafka-client.ts';

/** A topology made of a text, under the stages of a test. */
export function topologyOf(text: string, declarations: readonly Declaration[]): Topology {
  const schemas = [...readSchemaFiles(schemaFolder).keys()].map((file) => basename(file, '.avsc'));
  const { topology, problems } = readTopology('small.yaml', text, declarations, schemas);
  if (topology === undefined) throw new Error(JSON.stringify(problems));
  return topology;
}

export interface CopyOptions {
  readonly schema?: SchemaName;
  /** Before a batch is handed on. */
  readonly first?: () => Promise<unknown>;
}

/** A stage that hands on what it gets. */
export function copyStage({ schema, first }: CopyOptions = {}): Declaration {
  const definition: Definition = {
    name: 'copy',
    about: 'Hands on what it gets.',
    settings: group({}, { about: 'None.', fallback: {} }),
    reads: schema === undefined ? [] : [schema],
    writes: schema === undefined ? { bytes: true } : { schema },
    open: () => ({
      process: async ({ records }) => {
        await first?.();
        return { send: records.map(({ key, value }) => ({ key: key ?? '', value })) };
      },
    }),
  };
  return definition;
}

export const smallText = (prefix: string, partitions: number, schema?: SchemaName): string => {
  const carries = schema === undefined ? '' : `schemas: [${schema}]`;
  return `topology: small
prefix: ${prefix}.
partitions: ${partitions}
topics: { in: { ${carries} }, out: { ${carries} }, dead: {} }
deadLetters: dead
stages: { copy: { from: in, to: out } }
`;
};

export const settingsOf = (topology: Topology, bootstrap: string, registry?: string): Settings => ({
  topology,
  environment: {
    kafka: { brokers: bootstrap.split(','), tls: undefined, sasl: undefined },
    registry: registry === undefined ? undefined : { url: registry, credentials: undefined },
    triton: undefined,
    victoria: undefined,
    postgres: undefined,
    api: { keys: undefined, tls: undefined },
  },
});

export async function createTopics({ topics }: Topology, bootstrap: string): Promise<void> {
  const admin = quietKafka(bootstrap).admin();
  await admin.connect();
  await admin.createTopics({
    topics: topics.map(({ kafkaName, partitions }) => ({ topic: kafkaName, numPartitions: partitions })),
  });
  await admin.disconnect();
}
