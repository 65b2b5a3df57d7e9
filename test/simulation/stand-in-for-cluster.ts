import type { Cluster } from '../../src/kafka/cluster.ts';
import type { ModelConfig } from './worker.ts';

export const openCluster = (config: ModelConfig): Cluster => config.openCluster();
