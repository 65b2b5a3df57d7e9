import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openCluster, type Cluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { leaveForClient } from '../../src/kafka/group/leave-for.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { chainNames, type ChainOptions } from './chain-names.ts';

export interface ChainWorker {
  readonly process: ChildProcess;
  readonly clientId: string;
  /** By stage: what it was given, and as whom. */
  readonly generations: ReadonlyMap<string, Extract<Event, { event: 'generation' }>>;
  readonly ended: Promise<number | null>;
}

export interface Told {
  readonly at: number;
  readonly worker: ChainWorker;
  readonly event: Event;
}

/** Worker processes under a supervisor that takes the dead out of their groups. */
export interface Chain {
  readonly workers: ReadonlySet<ChainWorker>;
  /** All that workers said, in the order in which it was heard. */
  readonly told: readonly Told[];
  start(): ChainWorker;
  /** SIGKILL, and what the supervisor does about it, if there is one. */
  kill(worker: ChainWorker, supervised: boolean): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(worker: ChainWorker): Promise<number | null>;
  close(): Promise<void>;
}

export function openChain(options: ChainOptions): Chain {
  const cluster: Cluster = openCluster(kafkaConfig({ brokers: options.bootstrap.split(','), clientId: 'supervisor' }));
  const workers = new Set<ChainWorker>();
  const told: Told[] = [];
  const groups = chainNames(options).map(({ group }) => group);

  const start = (): ChainWorker => {
    const clientId = `chain-${randomUUID()}`;
    const child = fork(join(import.meta.dirname, 'chain-worker.ts'), [JSON.stringify({ ...options, clientId })], {
      execArgv: ['--import', join(import.meta.dirname, 'typescript.mjs')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const generations = new Map<string, Extract<Event, { event: 'generation' }>>();
    const worker: ChainWorker = {
      process: child,
      clientId,
      generations,
      ended: new Promise((resolve) => child.once('exit', resolve)),
    };
    workers.add(worker);
    child.on('message', (message) => {
      const event = message as Event;
      if (event.event === 'generation') generations.set(event.stage, event);
      told.push({ at: performance.now(), worker, event });
    });
    child.once('exit', () => workers.delete(worker));
    return worker;
  };

  const kill = async (worker: ChainWorker, supervised: boolean): Promise<void> => {
    worker.process.kill('SIGKILL');
    await worker.ended;
    if (!supervised) return;
    // A broker that is down just now finds out by itself.
    await Promise.allSettled(groups.map((group) => leaveForClient(cluster, group, worker.clientId)));
  };
  const stop = async (worker: ChainWorker): Promise<number | null> => {
    worker.process.kill('SIGTERM');
    return worker.ended;
  };
  return {
    workers,
    told,
    start,
    kill,
    stop,
    close: async () => {
      for (const { process: child } of workers) child.kill('SIGKILL');
      await Promise.all([...workers].map(({ ended }) => ended));
      await cluster.close();
    },
  };
}
