import { readerOf } from '../../avro/own-types.ts';
import { openRegistry } from '../../avro/registry.ts';
import type { Topology } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import { kafkaConfig } from '../../kafka/connection.ts';
import { openFetcher } from '../../kafka/reader/fetcher.ts';
import { kafkaAddressOf } from '../../pipeline/kafka-address.ts';
import { tailTopics } from '../../pipeline/tail/tail-topics.ts';
import type { Reached } from './reached.ts';

export interface WatchOptions extends Reached {
  readonly topology: Topology;
  /** Anomalies of before are told, too, from this time on. */
  readonly since: number;
  readonly scores: (scores: Records['scores']) => void;
  readonly anomaly: (anomaly: Records['anomaly']) => void;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Scores and anomalies as they are committed, until it is told to stop. */
export async function watchTopics({ topology, environment, since, ...options }: WatchOptions): Promise<void> {
  const { scores, anomaly, note, signal } = options;
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)), corrupt: 'hand out' });
  const reader = readerOf(openRegistry(environment.registry), ['scores', 'anomaly']);
  const holding = (schema: 'scores' | 'anomaly') => topology.topics.filter(({ schemas }) => schemas.includes(schema));
  const tailing = { fetcher, reader, note, signal };
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  try {
    const both = Promise.all([
      tailTopics({
        ...tailing,
        topics: holding('scores'),
        from: 'latest',
        show: (record) => !('phase' in record) && scores(record),
      }),
      tailTopics({
        ...tailing,
        topics: holding('anomaly'),
        from: { timestamp: since },
        show: (record) => 'phase' in record && anomaly(record),
      }),
    ]);
    await Promise.race([both, stopped]);
  } finally {
    await fetcher.close();
  }
}
