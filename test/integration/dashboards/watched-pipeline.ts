import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { emitTo } from '../../../src/telemetry/events.ts';
import { openMetrics } from '../../../src/telemetry/metrics.ts';
import { startTelemetry } from '../../../src/telemetry/server.ts';
import { startServer, type ServerProcess } from '../../contract/inference/server-process.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';
import { exported, goodFlags, startVictoria } from '../../support/victoria.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Samples of an entity up to a time, ten seconds apart. */
export interface Sent {
  readonly entity: string;
  readonly first: number;
  readonly count: number;
  readonly until: number;
  /** Noise in all sensors, instead of what a sensor sends that has nothing to say. */
  readonly wild?: true;
}

export interface WatchedPipeline {
  readonly url: string;
  readonly failures: readonly unknown[];
  send(all: readonly Sent[]): Promise<void>;
  sendGarbage(): Promise<void>;
  /** Until what the processes say now is known there: this series, and of each of them two scrapes more. */
  untilScraped(series: string): Promise<void>;
  /** As a process would say on its /metrics. */
  plant(lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The topology smap on a real Kafka, with an embedded inference server that comes late, so that it is waited for; its scores and anomalies go
 * to a real VictoriaMetrics, which scrapes it as deploy/victoriametrics/scrape.yaml says, but every second.
 */
export async function watchPipeline(bootstrap: string, victoriaProgram: string): Promise<WatchedPipeline> {
  const text = readFileSync(join(root, 'topologies', 'smap.yaml'), 'utf8')
    .replace('topology: smap\n', `topology: smap\nprefix: ${topicName('watched')}.\n`)
    .replace('checkpoints: smap-state\n', 'checkpoints: smap-state\n    settings: { warmingSamples: 20 }\n')
    // What is sent is far shorter than what detect learns from by default.
    .replace('sensors: [sensor_0]\n', 'sensors: [sensor_0]\n      rules: [too-busy]\n      settleRows: 30\n');
  const topology = topologyOf(text, declarations);
  const [grpcPort = 0, httpPort = 0, metricsPort = 0] = await freePorts(3);
  const metrics = openMetrics({ ofProcess: true });
  const telemetry = await startTelemetry({ metrics, readiness: { reasons: () => [] }, host: '127.0.0.1', port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'downlink-watched-'));
  const scrape = readFileSync(join(root, 'deploy', 'victoriametrics', 'scrape.yaml'), 'utf8')
    .replace('scrape_interval: 15s\n  scrape_timeout: 10s', 'scrape_interval: 1s\n  scrape_timeout: 1s')
    .replace('127.0.0.1:9400', new URL(telemetry.url).host)
    .replace('127.0.0.1:8002', `127.0.0.1:${metricsPort}`);
  writeFileSync(join(folder, 'scrape.yaml'), scrape);
  const victoria = await startVictoria(victoriaProgram, [
    ...goodFlags,
    `-promscrape.config=${join(folder, 'scrape.yaml')}`,
  ]);
  const registry = await startRegistry({ log: memoryLog() });
  await createTopics(topology, bootstrap);
  const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'watched' }));
  const failures: unknown[] = [];
  let retries = 0;
  const settings = settingsOf(topology, bootstrap, registry.url);
  const triton = { addresses: [`127.0.0.1:${grpcPort}`], tls: undefined, headers: new Map<string, never>() };
  const running = await runTopology({
    settings: { ...settings, environment: { ...settings.environment, triton, victoria: victoria.url } },
    definitions: declarations,
    emit: emitTo(metrics.listen, ({ event }) => {
      if (event === 'retrying') retries++;
    }),
    onFailure: (error) => failures.push(error),
  });
  let server: ServerProcess | undefined;

  const topic = topology.topics.find(({ name }) => name === 'smap-telemetry')?.kafkaName ?? '';
  const [schema] = (
    await registerSchemas(topology, openRegistry({ url: registry.url, credentials: undefined }))
  ).filter((one) => one.topic === topic && one.schema === 'telemetry');
  const encoder = writerOf('telemetry', schema?.id ?? 0);
  const write = async (records: readonly { key: string; timestamp: number; value: Buffer }[]): Promise<void> => {
    await openIdempotentWriter(cluster, {}).write([{ topic, partition: 0, records }]);
  };
  let sent = 0;
  return {
    url: victoria.url,
    failures,
    send: async (all) => {
      const records = all.flatMap((one) =>
        samplesOf(one).map((value) => ({
          key: one.entity,
          timestamp: value.timestamp,
          value: encoder.encode(value),
        })),
      );
      await write(records);
      sent += records.length;
      if (server === undefined) {
        await eventually('infer waits for its server', () => retries > 0);
        const ports = ['--grpc-port', `${grpcPort}`, '--http-port', `${httpPort}`, '--metrics-port', `${metricsPort}`];
        const model = ['--model-control-mode', 'explicit', '--load-model', 'smap_fleet'];
        server = await startServer(join(root, 'model_repository'), [...ports, ...model]);
      }
      await eventually(
        `all ${sent} are scored; ${String(failures)}`,
        async () => {
          const scores = await exported(victoria.url, 'smap_anomaly_score');
          return [...scores.values()].reduce((sum, points) => sum + points.length, 0) === sent;
        },
        20_000,
      );
    },
    sendGarbage: () => write([{ key: 'SAT-001/A-1', timestamp: Date.now(), value: Buffer.from('garbage') }]),
    untilScraped: async (series) => {
      const scrapes = async (job: string): Promise<number> => {
        const points = [...(await exported(victoria.url, `up{job="${job}"}`)).values()].flat();
        return points.filter(({ value }) => value === 1).length;
      };
      await eventually(`${series} is scraped`, async () => (await exported(victoria.url, series)).size > 0);
      for (const job of ['downlink', 'inference-server']) {
        const before = await scrapes(job);
        await eventually(`${job} is scraped`, async () => (await scrapes(job)) >= before + 2);
      }
    },
    plant: async (lines) => {
      await fetch(`${victoria.url}/api/v1/import/prometheus`, { method: 'POST', body: `${lines.join('\n')}\n` });
    },
    stop: async () => {
      await running?.stop();
      await Promise.all([server?.stop(), telemetry.close(), victoria.stop(), registry.close(), cluster.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

function samplesOf({ entity: key, first, count, until, wild }: Sent) {
  const [satellite = '', entity = ''] = key.split('/');
  return Array.from({ length: count }, (_, at) => ({
    satellite_id: satellite,
    entity,
    timestamp: until - (count - 1 - at) * 10_000,
    index: first + at,
    values: Array.from({ length: 25 }, (__, sensor) =>
      wild === true ? 2 * Math.sin(7 * at + 3 * sensor) : sensor === 0 ? 1 + 0.001 * Math.sin(at) : 0,
    ),
    labels: null,
  }));
}
