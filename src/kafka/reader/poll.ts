import type { KafkaConfig } from 'kafkajs';
import { openCluster, type Cluster } from '../cluster.ts';

/** Long polls on connections of their own: a broker answers a connection's requests one after the other. */
export interface Poll {
  readonly cluster: Cluster;
  /** Who is being asked. */
  readonly leaders: Set<number>;
  /** Until when a broker is not asked again. */
  readonly pausedUntil: Map<number, number>;
}

export const newPoll = (config: KafkaConfig): Poll => ({
  cluster: openCluster(config),
  leaders: new Set(),
  pausedUntil: new Map(),
});
