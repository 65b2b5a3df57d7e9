import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Topology } from '../../src/config/topology.ts';
import { startRegistry, type RunningRegistry } from '../../src/embedded/registry/server.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { leaveForClient } from '../../src/kafka/group/leave-for.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import type { WorkerMessage } from '../../src/pipeline/supervise.ts';
import { memoryLog } from '../embedded/registry/memory-log.ts';
import { startServer, type ServerProcess } from '../contract/inference/server-process.ts';
import { freePorts } from './free-port.ts';
import { createTopics, topologyOf } from './small-topology.ts';
import { startVictoria, type Victoria } from './victoria.ts';

const root = join(import.meta.dirname, '..', '..');

export const smapStages = ['ingest', 'batch', 'infer', 'export'] as const;
export type SmapStage = (typeof smapStages)[number];

export interface SmapOptions {
  readonly bootstrap: string;
  /** VictoriaMetrics' program; without it the newest values stay in the exporter. */
  readonly victoria?: string;
  readonly prefix: string;
  readonly partitions?: number;
  /** Of the batch stage. */
  readonly maxSamples?: number;
  /** After so long without a request the inference server forgets a sequence. */
  readonly idleMs?: number;
}

export interface StageProcess {
  readonly stages: readonly string[];
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  clientId: string | undefined;
}

/** `topologies/smap.yaml` in processes of their own, as users run it, each of which may die. */
export interface SmapSystem {
  readonly topology: Topology;
  readonly registry: string;
  readonly victoria: Victoria | undefined;
  readonly processes: readonly StageProcess[];
  /** All that processes wrote to their logs. */
  readonly log: () => string;
  start(stages: readonly string[]): StageProcess;
  /** SIGKILL, and what a supervisor does about it. */
  kill(process: StageProcess): Promise<void>;
  /** In order; answers the exit code. */
  stop(process: StageProcess): Promise<number | null>;
  restartInference(): Promise<void>;
  /** One verb of the command line; answers what it printed, or fails with it. */
  downlink(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startSmap(options: SmapOptions): Promise<SmapSystem> {
  const { bootstrap, victoria: program } = options;
  const folder = mkdtempSync(join(tmpdir(), 'downlink-smap-'));
  const file = join(folder, 'smap.yaml');
  const text = topologyText(options);
  writeFileSync(file, text);
  const topology = topologyOf(text, declarations);
  await createTopics(topology, bootstrap);
  const models = repositoryIn(folder, options.idleMs);
  const [port = 0] = await freePorts(1);
  const startInference = (): Promise<ServerProcess> =>
    startServer(models, ['--grpc-port', `${port}`, '--model-control-mode', 'explicit', '--load-model', 'smap_fleet']);
  let inference = await startInference();
  const registry: RunningRegistry = await startRegistry({ log: memoryLog() });
  const victoria = program === undefined ? undefined : await startVictoria(program);
  const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'smap-system' }));
  const env = {
    PATH: process.env['PATH'],
    DOWNLINK_KAFKA: bootstrap,
    DOWNLINK_REGISTRY: registry.url,
    DOWNLINK_TRITON: `127.0.0.1:${port}`,
    ...(victoria === undefined ? {} : { DOWNLINK_VICTORIA: victoria.url }),
  };
  const processes: StageProcess[] = [];
  const verbs = new Set<ChildProcess>();
  let printed = '';

  const command = (args: readonly string[]): ChildProcess => {
    const child = fork(join(root, 'src', 'main.ts'), args, {
      cwd: folder,
      env,
      execArgv: ['--import', join(root, 'test', 'support', 'typescript.mjs')],
      silent: true,
    });
    return child;
  };
  const start = (stages: readonly string[]): StageProcess => {
    const child = command([
      ...['run', '--topology', file, '--models', models, '--worker', '0', '--port', '0'],
      ...stages.flatMap((stage) => ['--stage', stage]),
    ]);
    const running: StageProcess = { stages, child, ended: once(child, 'exit'), clientId: undefined };
    child.on('message', (message) => {
      const told = message as WorkerMessage;
      if (told.says === 'client') running.clientId = told.clientId;
    });
    child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.once('exit', () => processes.splice(processes.indexOf(running), 1));
    processes.push(running);
    return running;
  };
  const groupsOf = ({ stages }: StageProcess): readonly string[] =>
    topology.stages.filter(({ declaration }) => stages.includes(declaration.name)).map(({ group }) => group);

  return {
    topology,
    registry: registry.url,
    victoria,
    processes,
    log: () => printed,
    start,
    kill: async (one) => {
      one.child.kill('SIGKILL');
      await one.ended;
      const { clientId } = one;
      // A broker that is down just now finds out by itself.
      if (clientId !== undefined)
        await Promise.allSettled(groupsOf(one).map((group) => leaveForClient(cluster, group, clientId)));
    },
    stop: async (one) => {
      one.child.send('stop');
      await one.ended;
      return one.child.exitCode;
    },
    restartInference: async () => {
      await inference.stop();
      inference = await startInference();
    },
    downlink: async (...args) => {
      const child = command([...args, '--topology', file]);
      verbs.add(child);
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
      await once(child, 'close');
      verbs.delete(child);
      if (child.exitCode === 0) return out;
      throw new Error(`downlink ${args.join(' ')}: exit code ${child.exitCode}: ${err}`);
    },
    close: async () => {
      const ending = [...verbs, ...processes.map(({ child }) => child)];
      const ended = ending.map((child) => once(child, 'exit'));
      for (const child of ending) child.kill('SIGKILL');
      await Promise.all(ended);
      await Promise.all([inference.stop(), registry.close(), victoria?.stop(), cluster.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function topologyText({ prefix, partitions = 4, maxSamples }: SmapOptions): string {
  const settings =
    maxSamples === undefined ? '' : `maxSamples: ${maxSamples}\n      maxBacklogSamples: ${Math.max(64, maxSamples)}\n`;
  return (
    readFileSync(join(root, 'topologies', 'smap.yaml'), 'utf8')
      .replace(/^topology: smap$/m, `topology: smap\nprefix: ${prefix}.\npartitions: ${partitions}`)
      // The samples are always of the same time, so that their hashes are; they are not to become too old.
      .replace(/^ {2}ingest:\n(.*\n.*\n)/m, '  ingest:\n$1    settings: { maxAgeDays: 36500 }\n')
      .replace(/maxSamples: 8\n.*\n/, settings === '' ? '$&' : settings)
  );
}

/** The fleet model, with a server that forgets idle sequences as soon as it is told to. */
function repositoryIn(folder: string, idleMs: number | undefined): string {
  const models = join(root, 'model_repository');
  if (idleMs === undefined) return models;
  const own = join(folder, 'models');
  cpSync(join(models, 'smap_fleet'), join(own, 'smap_fleet'), { recursive: true });
  const config = join(own, 'smap_fleet', 'config.pbtxt');
  const text = readFileSync(config, 'utf8');
  writeFileSync(
    config,
    text.replace(/max_sequence_idle_microseconds: \d+/, `max_sequence_idle_microseconds: ${idleMs * 1000}`),
  );
  return own;
}
