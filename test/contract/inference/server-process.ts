import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openChannel, type Channel } from '../../../src/kserve/client.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const loaders = ['--import', './test/support/typescript.mjs'];

export interface ServerProcess {
  readonly channel: Channel;
  readonly grpc: string;
  readonly http: string;
  readonly metrics: string;
  /** All that it has printed. */
  readonly printed: () => string;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has one. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

/** The server as users start it, in a process of its own. `ready` is false where it is expected not to become so. */
export async function startServer(repository: string, args: readonly string[] = []): Promise<ServerProcess> {
  const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'];
  const child = spawn(
    process.execPath,
    [...loaders, 'src/main.ts', 'inference-server', '--model-repository', repository, ...ports, ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = once(child, 'exit').then(([code]) => Number(code ?? -1));
  const address = await until(child, () => /gRPC (\S+), HTTP (\S+), metrics ([^;\s]+)/.exec(printed));
  await until(child, () => printed.includes('ready\n') || null);
  const [, grpc = '', http = '', metrics = ''] = address ?? [];
  const channel = openChannel({ address: grpc });
  return {
    channel,
    grpc,
    http,
    metrics,
    printed: () => printed,
    signal: (name) => {
      child.kill(name);
    },
    exited,
    stop: async () => {
      channel.close();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Undefined when the process has ended before. */
async function until<T>(child: ChildProcess, found: () => T | null): Promise<T | undefined> {
  for (;;) {
    const value = found();
    if (value !== null) return value;
    if (child.exitCode !== null) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
