import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Topology } from '../../src/config/topology.ts';
import { startRegistry } from '../../src/embedded/registry/server.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { memoryLog } from '../../test/embedded/registry/memory-log.ts';
import { freePorts } from '../../test/support/free-port.ts';
import { startKafka } from '../../test/support/kafka.ts';
import { createTopics, topologyOf } from '../../test/support/small-topology.ts';
import { startVictoria, victoriaProgram } from '../../test/support/victoria.ts';
import { watchVictoria } from './watched-victoria.ts';

const path = ['ingest', 'batch', 'infer', 'export'];

/** All processes of the SMAP path, each with what it costs. */
export interface Chain {
  readonly topology: Topology;
  readonly bootstrap: string;
  readonly registry: string;
  readonly folder: string;
  readonly stages: readonly string[];
  readonly latencies: number[];
  readonly exported: () => number;
  /** The stages, until each has all its lanes. */
  start(): Promise<void>;
  /** By process, since it began: all its threads. */
  readonly cpuUs: () => ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function openChain(sensors: 'one' | 'all', beside: readonly string[] = []): Promise<Chain> {
  const stages = [...path, ...beside];
  const folder = mkdtempSync(join(tmpdir(), 'downlink-chain-'));
  const file = join(folder, 'smap-54.yaml');
  const settings = '    settings: { sensors: listed, listedSensors: [sensor_0] }\n';
  const written = readFileSync('topologies/smap-54.yaml', 'utf8').replace(
    /^ {2}export:\n(.*\n)/m,
    sensors === 'all' ? '$&' : `$&${settings}`,
  );
  writeFileSync(file, written);
  const topology = topologyOf(written, declarations);
  const kafka = await startKafka();
  await createTopics(topology, kafka.bootstrap);
  const registry = await startRegistry({ log: memoryLog() });
  const victoria = await startVictoria(await victoriaProgram());
  const [port = 0] = await freePorts(1);
  const watched = await watchVictoria(victoria.url, port);
  const inference = spawn(
    process.execPath,
    [
      ...['dist/main.js', 'inference-server', '--model-repository', 'model_repository', '--grpc-port', '0'],
      ...['--http-port', '0', '--metrics-port', '0', '--model-control-mode', 'explicit', '--load-model', 'smap_fleet'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const address = await new Promise<string>((resolve) => {
    createInterface(inference.stdout).on('line', (line) => {
      const found = /gRPC ([^\s,]+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const children = new Map<string, ChildProcess>();
  const pids = (): readonly (readonly [string, number])[] => [
    ...[...children].map(([name, { pid = 0 }]) => [name, pid] as const),
    ['inference server', inference.pid ?? 0],
    ['Kafka', kafka.pid(1) ?? 0],
    ['VictoriaMetrics', victoria.pid()],
  ];
  const start = async (): Promise<void> => {
    for (const stage of stages) {
      const args = ['run', '--topology', file, '--stage', stage, '--worker', '0', '--port', '0'];
      const env = {
        ...process.env,
        DOWNLINK_KAFKA: kafka.bootstrap,
        DOWNLINK_REGISTRY: registry.url,
        DOWNLINK_TRITON: address,
        DOWNLINK_VICTORIA: watched.url,
      };
      children.set(stage, fork('dist/main.js', args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    }
    const ready = [...children.values()].map(async (child) => {
      child.once('exit', (code) => {
        if (code !== null) throw new Error(`a stage ended with exit code ${code}`);
      });
      for (;;) {
        const [message] = (await once(child, 'message')) as [{ says: string }];
        if (message.says === 'ready') return;
      }
    });
    await Promise.all(ready);
  };
  const close = async (): Promise<void> => {
    const all = [inference, ...children.values()];
    const ended = all.map((child) => once(child, 'exit'));
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(ended);
    await watched.close();
    await Promise.all([victoria.stop(), registry.close(), kafka.stop()]);
  };
  return {
    topology,
    bootstrap: kafka.bootstrap,
    registry: registry.url,
    folder,
    stages,
    latencies: watched.latencies,
    exported: watched.exported,
    start,
    cpuUs: () => new Map(pids().map(([name, pid]) => [name, cpuOf(pid)])),
    close,
  };
}

/** Of all threads; a tick is 10 ms. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(stat[11]) + Number(stat[12])) * 10_000;
}
