import type { KafkaSettings } from '../config/kafka-environment.ts';
import type { SchemaLog } from '../contract/schema-log.ts';
import { openCluster } from '../kafka/cluster.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { openFetcher } from '../kafka/reader/fetcher.ts';
import { openTopicSchemaLog } from '../kafka/schema-log.ts';
import { openTopics } from '../kafka/topics.ts';
import { kafkaAddressOf } from './kafka-address.ts';

export interface KeptSchemaLog extends SchemaLog {
  close(): Promise<void>;
}

/** As Confluent's registry has it: one partition, in which the latest record of a key is kept for ever. */
const topic = { name: '_schemas', partitions: 1, config: { 'cleanup.policy': 'compact' } };

/** Where an embedded registry keeps its schemas: in Kafka's `_schemas`, which is made where it is missing. */
export async function openSchemaLog(kafka: KafkaSettings): Promise<KeptSchemaLog> {
  const config = kafkaConfig(kafkaAddressOf(kafka));
  const topics = await openTopics(config);
  try {
    await topics.apply(await topics.plan([topic]), () => undefined);
  } finally {
    await topics.close();
  }
  const [cluster, fetcher] = [openCluster(config), openFetcher({ config })];
  return {
    ...openTopicSchemaLog(cluster, fetcher, topic.name),
    close: async () => {
      await Promise.all([cluster.close(), fetcher.close()]);
    },
  };
}
