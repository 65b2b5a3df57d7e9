import { openRegistry, type Registry } from '../avro/registry.ts';
import type { Topology } from '../config/topology.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { openFetcher, type Fetcher } from '../kafka/reader/fetcher.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { settingsOrProblems } from './load-settings.ts';
import type { ExitCode, Shell } from './verb.ts';

export interface Tools {
  readonly topology: Topology;
  readonly fetcher: Fetcher;
  readonly registry: Registry;
}

/** For verbs that read or write the records of a topology. */
export async function withKafkaAndRegistry(
  file: string,
  shell: Shell,
  work: (tools: Tools) => Promise<ExitCode>,
): Promise<ExitCode> {
  const settings = settingsOrProblems(file, shell);
  if (settings === undefined) return 1;
  const { topology, environment } = settings;
  if (environment.kafka === undefined || environment.registry === undefined) {
    const lacking = environment.kafka === undefined ? 'DOWNLINK_KAFKA' : 'DOWNLINK_REGISTRY';
    shell.err(`environment: ${lacking}: missing; set it to where the program is\n`);
    return 1;
  }
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)) });
  try {
    return await work({ topology, fetcher, registry: openRegistry(environment.registry) });
  } finally {
    await fetcher.close();
  }
}
