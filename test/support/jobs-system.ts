import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import type { Topology } from '../../src/config/topology.ts';
import type { Records } from '../../src/contract/index.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { leaveForClient } from '../../src/kafka/group/leave-for.ts';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import type { WorkerMessage } from '../../src/pipeline/supervise.ts';
import { freePorts } from './free-port.ts';
import { createTopics, topologyOf } from './small-topology.ts';

const root = join(import.meta.dirname, '..', '..');

export const jobParts = ['broker', 'inference-server', 'stages', 'store', 'api'] as const;
export type JobPart = (typeof jobParts)[number];

export interface JobsOptions {
  /** Results are stored in this database, too. */
  readonly postgres?: { readonly url: string; readonly username: string; readonly password: string };
}

/** `topologies/timeseries.yaml` with all that it needs, each part a process that may die. */
export interface JobsSystem {
  readonly api: string;
  readonly topology: Topology;
  /** SIGKILL, and what a supervisor does about it. */
  restart(part: JobPart): Promise<void>;
  /** SIGKILL, and nobody does anything about it. */
  kill(part: JobPart): Promise<void>;
  /** Every result that is committed, as it lies in the topic. */
  results(): Promise<readonly Records['job-result'][]>;
  log(): string;
  close(): Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  clientId: string | undefined;
}

const storeStages = `  store-jobs:
    from: inference-jobs
  store-results:
    from: inference-results
`;

export async function startJobs({ postgres }: JobsOptions = {}): Promise<JobsSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-jobs-'));
  const file = join(folder, 'timeseries.yaml');
  const text = readFileSync(join(root, 'topologies', 'timeseries.yaml'), 'utf8');
  writeFileSync(file, postgres === undefined ? text : `${text.trimEnd()}\n${storeStages}`);
  const topology = topologyOf(readFileSync(file, 'utf8'), declarations);
  const [kafka = 0, registry = 0, triton = 0, api = 0] = await freePorts(4);
  const bootstrap = `127.0.0.1:${kafka}`;
  const env = {
    PATH: process.env['PATH'],
    DOWNLINK_KAFKA: bootstrap,
    DOWNLINK_REGISTRY: `http://127.0.0.1:${registry}`,
    DOWNLINK_TRITON: `127.0.0.1:${triton}`,
    ...(postgres === undefined
      ? {}
      : {
          DOWNLINK_POSTGRES: postgres.url,
          DOWNLINK_POSTGRES_USERNAME: postgres.username,
          DOWNLINK_POSTGRES_PASSWORD: postgres.password,
        }),
  };
  const models = join(root, 'model_repository');
  const names = ['lstm_timeseries', 'transformer_timeseries', 'vae_timeseries'];
  const run = ['run', '--topology', file, '--models', models, '--worker', '0', '--port', '0'];
  const args: Readonly<Record<JobPart, readonly string[]>> = {
    broker: ['broker', '--folder', join(folder, 'kafka'), '--port', `${kafka}`, '--registry-port', `${registry}`],
    'inference-server': [
      ...['inference-server', '--model-repository', models, '--model-control-mode', 'explicit'],
      ...names.flatMap((name) => ['--load-model', name]),
      ...['--grpc-port', `${triton}`, '--http-port', '0', '--metrics-port', '0'],
    ],
    stages: [...run, '--stage', 'predict'],
    store: [...run, '--stage', 'store-jobs', '--stage', 'store-results'],
    api: ['api', '--topology', file, '--port', `${api}`, '--models', models],
  };
  const running = new Map<JobPart, Running>();
  let printed = '';

  const start = async (part: JobPart): Promise<void> => {
    const child = fork(join(root, 'src', 'main.ts'), args[part], {
      cwd: folder,
      env,
      execArgv: ['--import', join(root, 'test', 'support', 'typescript.mjs')],
      silent: true,
    });
    const one: Running = { child, clientId: undefined };
    running.set(part, one);
    child.stderr?.on('data', (chunk: Buffer) => (printed += `${part}: ${chunk.toString()}`));
    child.stdout?.resume();
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        const told = message as WorkerMessage;
        if (told.says === 'client') one.clientId = told.clientId;
        if (told.says === 'ready') resolve();
      });
      child.once('exit', () => reject(new Error(`${part} has ended:\n${printed}`)));
    });
  };
  const parts = jobParts.filter((part) => part !== 'store' || postgres !== undefined);
  const fetcher = openFetcher({ config: kafkaConfig({ brokers: [bootstrap], clientId: 'jobs-system' }) });
  const close = async (): Promise<void> => {
    const ended = [...running.values()].map(({ child }) => (child.exitCode === null ? once(child, 'exit') : undefined));
    for (const { child } of running.values()) child.kill('SIGKILL');
    await Promise.all([...ended, fetcher.close()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start('broker');
    await createTopics(topology, bootstrap);
    await Promise.all(parts.filter((part) => part !== 'broker').map(start));
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const kill = async (part: JobPart): Promise<Running | undefined> => {
    const before = running.get(part);
    if (before === undefined) return undefined;
    running.delete(part);
    before.child.removeAllListeners('exit');
    const ended = once(before.child, 'exit');
    before.child.kill('SIGKILL');
    await ended;
    return before;
  };
  return {
    api: `http://127.0.0.1:${api}`,
    topology,
    kill: async (part) => {
      await kill(part);
    },
    restart: async (part) => {
      const before = await kill(part);
      if (before === undefined) return;
      const { clientId } = before;
      if (clientId !== undefined)
        await Promise.allSettled(topology.stages.map(({ group }) => leaveForClient(fetcher.cluster, group, clientId)));
      await start(part);
    },
    results: async () => {
      const reader = readerOf(openRegistry({ url: env.DOWNLINK_REGISTRY, credentials: undefined }), ['job-result']);
      const topic = topology.topics.find(({ name }) => name === 'inference-results');
      const found: Records['job-result'][] = [];
      for (let partition = 0; partition < (topic?.partitions ?? 0); partition++)
        for await (const { value } of read(fetcher, { topic: topic?.kafkaName ?? '', partition }))
          if (value !== null) found.push(await reader.decode(value));
      return found;
    },
    log: () => printed,
    close,
  };
}
