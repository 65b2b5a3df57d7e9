import { setTimeout as delay } from 'node:timers/promises';
import { kafkaConfig } from '../kafka/connection.ts';
import { openFetcher } from '../kafka/reader/fetcher.ts';
import { graphOf, type Graph } from '../pipeline/graph.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { laneRates } from '../pipeline/lane-rates.ts';
import { liveGraph } from '../pipeline/live-graph.ts';
import type { Settings } from '../pipeline/settings.ts';
import { openStatus } from '../pipeline/status.ts';
import type { Shell } from './verb.ts';

const overMs = 2_000;

/** A topology with how its stages are just now; undefined where that cannot be asked. */
export async function watchedGraph({ topology, environment }: Settings, shell: Shell): Promise<Graph | undefined> {
  if (environment.kafka === undefined) {
    shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
    return undefined;
  }
  const reader = openStatus(topology, environment.kafka, []);
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)), maxPartitionBytes: 64 << 10 });
  try {
    const before = await reader.read();
    await delay(overMs);
    const now = await reader.read();
    for (const note of now.notes) shell.err(`${note}\n`);
    return liveGraph(graphOf(topology), now, await laneRates(fetcher, before, now));
  } finally {
    await Promise.all([reader.close(), fetcher.close()]);
  }
}
