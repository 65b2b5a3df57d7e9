import type { GroupOptions, MemberOfGroup } from '../../src/kafka/group/kafkajs-group.ts';
import type { ModelConfig } from './worker.ts';

export const openConsumerGroup = (options: GroupOptions): MemberOfGroup =>
  (options.config as ModelConfig).openConsumerGroup(options);

export const claimIn = (metadata: Buffer): unknown => JSON.parse(metadata.toString());
