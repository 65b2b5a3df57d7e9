import type { Cluster } from '../kafka/cluster.ts';
import { openLanes } from '../kafka/group/lanes.ts';
import { endLeftBehind } from '../kafka/group/left-behind.ts';
import { openFetcher, type FetcherOptions } from '../kafka/reader/fetcher.ts';
import { openTransactionalWriter } from '../kafka/writer/transactional-writer.ts';
import { kafkaLog } from './kafka-log.ts';
import { defaultLimits, type Broker } from './run-stage.ts';

export interface KafkaBroker extends Broker {
  readonly cluster: Cluster;
  close(): Promise<void>;
}

/** Kafka for all stages of one process: one fetcher, one connection to each broker for what is written. */
export function openKafkaBroker(options: FetcherOptions): KafkaBroker {
  // A record waits for the next commit anyway: fetched at the same pace it finds that one due, and nothing is fetched twice for it.
  const fetcher = openFetcher({ paceMs: defaultLimits.commit.commitIntervalMs, ...options });
  const { cluster } = fetcher;
  return {
    cluster,
    logOf: (group) => kafkaLog(fetcher, group),
    openWriter: (transactionalId) => openTransactionalWriter(cluster, { transactionalId }),
    openLanes: (lanes) => openLanes({ ...lanes, config: options.config, fetcher }),
    endLeftBehind: (group, prefix) => endLeftBehind(cluster, group, prefix),
    close: () => fetcher.close(),
  };
}
