import { DownlinkError } from '../errors.ts';
import { metadata } from './api/03-metadata.ts';
import type { Cluster } from './cluster.ts';
import { forbidden, refused } from './reader/offsets.ts';

const unknownTopic = 3;

/** How many partitions topics have now, whatever was known of them before; a topic that is not there is left out. */
export async function partitionCounts(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await cluster.send('anybody', metadata, [...new Set(topics)]);
  const counts = new Map<string, number>();
  for (const { topic, error, partitions } of found.topics) {
    if (forbidden.has(error)) throw refused(`the partitions of ${topic}`, error);
    if (error === unknownTopic) continue;
    // A topic that is being made has none yet, and says so.
    if (partitions.length === 0) throw new DownlinkError('kafka-unavailable', `${topic}: error ${error}`);
    counts.set(topic, partitions.length);
  }
  return counts;
}
