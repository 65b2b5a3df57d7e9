import { openCluster } from '../kafka/cluster.ts';
import { kafkaConfig, type KafkaAddress } from '../kafka/connection.ts';
import { leaveForClient } from '../kafka/group/leave-for.ts';

/** Takes processes that died out of their groups, so that others have their partitions at once. */
export interface Leaving {
  leave(clientId: string): Promise<void>;
  close(): Promise<void>;
}

export function openLeaving(address: KafkaAddress, groups: readonly string[]): Leaving {
  const cluster = openCluster(kafkaConfig(address));
  return {
    leave: async (clientId) => {
      // Where no broker answers just now, the session's end does the same, only later.
      await Promise.allSettled(groups.map((group) => leaveForClient(cluster, group, clientId)));
    },
    close: () => cluster.close(),
  };
}
