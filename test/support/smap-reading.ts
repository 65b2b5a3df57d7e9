import { readerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import type { Topology } from '../../src/config/topology.ts';
import type { Records } from '../../src/contract/index.ts';
import type { Cluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { openFetcher, type Fetcher } from '../../src/kafka/reader/fetcher.ts';
import { read } from '../../src/kafka/reader/read.ts';

/** Connections of a test that looks at what the system has done. */
export interface Reading {
  readonly fetcher: Fetcher;
  readonly cluster: Cluster;
  close(): Promise<void>;
}

export function openReading(bootstrap: string): Reading {
  const fetcher = openFetcher({ config: kafkaConfig({ brokers: bootstrap.split(','), clientId: 'reading' }) });
  return { fetcher, cluster: fetcher.cluster, close: () => fetcher.close() };
}

/** All that was scored, as a reader of committed records sees it. */
export async function scoresOf(topology: Topology, registry: string, fetcher: Fetcher) {
  const reader = readerOf(openRegistry({ url: registry, credentials: undefined }), ['scores']);
  const topic = topology.topics.find(({ name }) => name === 'smap-inference-results');
  const found: Records['scores'][] = [];
  for (let partition = 0; partition < (topic?.partitions ?? 0); partition++)
    for await (const { value } of read(fetcher, { topic: topic?.kafkaName ?? '', partition }))
      if (value !== null) found.push(await reader.decode(value));
  return found;
}

/** How many samples. */
export const countOf = (scores: readonly Records['scores'][]): number =>
  scores.reduce((sum, { indices }) => sum + indices.length, 0);
