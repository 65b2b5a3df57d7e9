import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { offsetOf } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import { letterHeaders } from '../runner/dead-letter.ts';

export interface LetterCounts {
  /** By `<stage> <partition>`, of where they were refused. */
  readonly counts: ReadonlyMap<string, number>;
  /** There are more, older ones, at which nobody looked. */
  readonly more: boolean;
}

/** Dead letters by the lane that refused them: of the last so many at first, then of all that come. */
export function openLetterCounts(fetcher: Fetcher, topic: string, last: number) {
  const counts = new Map<string, number>();
  const positions = new Map<number, bigint>();
  let more = false;

  const look = async (partition: number, most: bigint): Promise<void> => {
    const place = { topic, partition };
    const [first, to] = await Promise.all([
      offsetOf(fetcher.cluster, place, 'earliest'),
      offsetOf(fetcher.cluster, place, 'latest'),
    ]);
    const known = positions.get(partition);
    if (known === undefined && to - first > most) more = true;
    const from = known ?? (to - first > most ? to - most : first);
    for await (const record of read(fetcher, place, { from: from < first ? first : from, to })) {
      const headers = new Map(record.headers());
      const lane = `${String(headers.get(letterHeaders.stage))} ${String(headers.get(letterHeaders.partition))}`;
      counts.set(lane, (counts.get(lane) ?? 0) + 1);
    }
    positions.set(partition, to);
  };
  return {
    read: async (partitions: number): Promise<LetterCounts> => {
      const most = BigInt(Math.ceil(last / Math.max(1, partitions)));
      await Promise.all(Array.from({ length: partitions }, (_, partition) => look(partition, most)));
      return { counts, more };
    },
  };
}
