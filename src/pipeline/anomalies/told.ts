import type { Records } from '../../contract/index.ts';
import type { TopicPartition } from '../../kafka/cluster.ts';

export type Anomaly = Records['anomaly'];

/** A phase of an anomaly, with where its record lies. */
export interface Told extends TopicPartition {
  readonly offset: bigint;
  readonly anomaly: Anomaly;
}

/** As records are keyed. */
export const keyOf = ({ satellite_id, entity }: Pick<Anomaly, 'satellite_id' | 'entity'>): string =>
  `${satellite_id}/${entity}`;
