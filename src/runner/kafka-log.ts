import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { committedPosition, offsetOf } from '../kafka/reader/offsets.ts';
import type { Log } from './restore.ts';

/** What a lane has to know of Kafka's log, for one group. */
export function kafkaLog(fetcher: Fetcher, group: string): Log {
  const { cluster } = fetcher;
  return {
    committed: (partition) => committedPosition(cluster, group, partition),
    first: (partition) => offsetOf(cluster, partition, 'earliest'),
    end: (partition) => offsetOf(cluster, partition, 'latest', false),
    stableEnd: (partition) => offsetOf(cluster, partition, 'latest'),
    read: async function* (partition, to) {
      const from = await offsetOf(cluster, partition, 'earliest');
      if (from >= to) return;
      const source = fetcher.open(partition, from, to);
      try {
        for (let position = from; position < to;) {
          const chunk = await source.next();
          yield chunk.records();
          position = chunk.position;
        }
      } finally {
        source.close();
      }
    },
  };
}
