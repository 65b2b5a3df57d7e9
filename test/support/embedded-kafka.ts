import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaCluster } from './kafka.ts';

const stopWithinMs = 10_000;

export interface EmbeddedKafka {
  readonly bootstrap: string;
  readonly folder: string;
  readonly pid: number;
  /** kill -9; the folder stays. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** One that is there is gone on with. */
  readonly folder?: string;
  readonly port?: number;
  readonly fsync?: 'each' | number;
}

/** `downlink broker` in a process of its own, from the sources. */
export async function startEmbeddedKafka(options: EmbeddedOptions = {}): Promise<EmbeddedKafka> {
  const { folder = mkdtempSync(join(tmpdir(), 'downlink-broker-')), port = 0, fsync = 1_000 } = options;
  const root = join(import.meta.dirname, '..', '..');
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'typescript.mjs'),
      join(root, 'src', 'main.ts'),
      'broker',
      ...['--folder', folder, '--port', String(port), '--fsync', String(fsync)],
    ],
    // The channel is there for its end: the broker does not outlive this process.
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const ended = once(child, 'exit');
  let said = '';
  const begun = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const address = /Kafka broker on (\S+),/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}: ${said}`)));
  });
  const bootstrap = await begun;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const isOver = await Promise.race([ended, delay(stopWithinMs, undefined, { ref: false })]);
    if (isOver !== undefined) return;
    child.kill('SIGKILL');
    await ended;
    throw new Error(`the broker did not end within ${stopWithinMs} ms of ${signal}`);
  };
  return {
    bootstrap,
    folder,
    pid: child.pid ?? 0,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same as a cluster of one, for tests that kill its broker. */
export async function startEmbeddedCluster(fsync: 'each' | number = 1_000): Promise<KafkaCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-broker-'));
  let broker = await startEmbeddedKafka({ folder, fsync });
  const { bootstrap } = broker;
  const port = Number(bootstrap.split(':')[1]);
  return {
    bootstrap,
    folder,
    version: 'embedded',
    through: (listener) => {
      throw new Error(`the embedded broker has no listener ${listener}`);
    },
    pid: () => broker.pid,
    kill: () => broker.kill(),
    start: async () => {
      broker = await startEmbeddedKafka({ folder, port, fsync });
    },
    stop: async () => {
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
