import { randomUUID } from 'node:crypto';
import { openCluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { leaveForClient } from '../../src/kafka/group/leave-for.ts';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { committedOffset } from '../../src/kafka/reader/offsets.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { realClock } from '../../src/runner/clock.ts';
import { openKafkaBroker } from '../../src/runner/kafka-broker.ts';
import { runStage } from '../../src/runner/run-stage.ts';
import type { Emit } from '../../src/telemetry/events.ts';
import { quietKafka } from './kafka-client.ts';
import { passThrough } from './pass-through.ts';
import type { Proxy } from './proxy.ts';

/** A stage that counts, on one partition, in this process: as many instances of it as a test wants. */
export async function openCountingStage(bootstrap: string, prefix: string) {
  const names = {
    from: `${prefix}-in`,
    to: `${prefix}-out`,
    checkpoints: `${prefix}-state`,
    deadLetters: `${prefix}-dead`,
  };
  const admin = quietKafka(bootstrap).admin();
  await admin.connect();
  await admin.createTopics({ topics: Object.values(names).map((topic) => ({ topic, numPartitions: 1 })) });
  const config = kafkaConfig({ brokers: bootstrap.split(','), clientId: 'counting-test' });
  const fetcher = openFetcher({ config });
  const cluster = openCluster(config);
  const writer = openIdempotentWriter(cluster);
  const closing: (() => Promise<void>)[] = [];
  let written = 0;

  /** Through a proxy where the network is to misbehave. */
  const start = (emit: Emit, proxy?: Proxy) => {
    const clientId = `counting-${randomUUID()}`;
    const own = {
      ...kafkaConfig({ brokers: bootstrap.split(','), clientId }),
      ...(proxy && { socketFactory: proxy.socketFactory }),
    };
    const broker = openKafkaBroker({ config: own });
    const failures: Error[] = [];
    const stage = runStage({
      wiring: passThrough({ group: prefix, partitions: 1, ...names }),
      broker,
      clock: realClock,
      unique: randomUUID,
      emit,
      onFailure: (error) => failures.push(error),
    });
    const stop = async () => {
      await stage.stop();
      await broker.close();
    };
    closing.push(stop);
    // As a supervisor does for a process that it saw die.
    return { failures, stop, isDead: () => leaveForClient(cluster, prefix, clientId) };
  };

  const outputs = async (): Promise<readonly string[]> => {
    const values: string[] = [];
    for await (const { value } of read(fetcher, { topic: names.to, partition: 0 })) values.push(String(value));
    return values;
  };
  return {
    names,
    admin,
    start,
    outputs,
    /** The next so many records, all of one key. */
    write: async (count: number) => {
      const records = Array.from({ length: count }, () => ({
        key: 'k',
        value: `k ${written++}`,
        timestamp: Date.now(),
      }));
      await writer.write([{ topic: names.from, partition: 0, records }]);
    },
    /** What comes out of so many records: each once, in order, counted. */
    expected: (count: number) => Array.from({ length: count }, (_, i) => `k ${i} ${i + 1}`),
    committed: () => committedOffset(cluster, prefix, { topic: names.from, partition: 0 }),
    close: async () => {
      await Promise.allSettled(closing.map((one) => one()));
      await Promise.all([fetcher.close(), cluster.close(), admin.disconnect()]);
    },
  };
}

export type CountingStage = Awaited<ReturnType<typeof openCountingStage>>;
