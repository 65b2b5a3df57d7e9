import type { TopicPartition } from '../cluster.ts';

/** What a member has from one rebalance to the next. */
export interface Generation {
  readonly number: number;
  readonly member: string;
  readonly partitions: readonly TopicPartition[];
}
