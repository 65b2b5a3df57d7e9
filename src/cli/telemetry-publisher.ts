import { openRegistry } from '../avro/registry.ts';
import type { Environment } from '../config/environment.ts';
import type { Topology } from '../config/topology.ts';
import { openCluster } from '../kafka/cluster.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { registerSchemas } from '../pipeline/register-schemas.ts';
import { telemetryTopicOf } from '../pipeline/telemetry-topic.ts';
import type { PlayOptions } from '../replay/play.ts';
import { toKafka } from '../replay/to-kafka.ts';

export interface Publisher {
  readonly publish: PlayOptions['publish'];
  close(): Promise<void>;
}

export type Programs = { readonly [Name in 'kafka' | 'registry']: NonNullable<Environment[Name]> };

/** To the topic of a topology that users publish to, in the schemas that it has there. */
export async function openPublisher(topology: Topology, { kafka, registry }: Programs): Promise<Publisher> {
  const { kafkaName: topic, partitions } = telemetryTopicOf(topology);
  const registered = await registerSchemas(topology, openRegistry(registry));
  const idOf = (name: string): number => registered.find((one) => one.topic === topic && one.schema === name)?.id ?? 0;
  const cluster = openCluster(kafkaConfig(kafkaAddressOf(kafka)));
  const schemas = { telemetry: idOf('telemetry'), block: idOf('telemetry-block') };
  return { publish: toKafka({ cluster, topic, partitions, schemas }), close: () => cluster.close() };
}
