import type { Topology } from '../config/topology.ts';
import type { DeclaredTopic } from '../kafka/topics.ts';

/** The topics of a topology as Kafka should have them. */
export const declaredTopics = ({ topics }: Topology): readonly DeclaredTopic[] =>
  topics.map(({ kafkaName, partitions, replication, config }) => ({
    name: kafkaName,
    partitions,
    replication,
    config,
  }));
