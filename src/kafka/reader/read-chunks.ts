import type { TopicPartition } from '../cluster.ts';
import type { Chunk } from './chunk.ts';
import type { Fetcher } from './fetcher.ts';

/** A part of a partition, chunk by chunk; the last may hold records behind `to`. */
export async function* readChunks(
  fetcher: Fetcher,
  partition: TopicPartition,
  from: bigint,
  to: bigint,
): AsyncGenerator<Chunk> {
  if (from >= to) return;
  const source = fetcher.open(partition, from, to);
  try {
    for (let position = from; position < to;) {
      const chunk = await source.next();
      yield chunk;
      position = chunk.position;
    }
  } finally {
    source.close();
  }
}
