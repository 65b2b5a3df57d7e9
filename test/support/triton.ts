import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { answers } from './apicurio.ts';
import { freePorts } from './free-port.ts';
import { tritonFiles } from './triton-models.ts';
import { layout, tritonVersion } from './triton-program.ts';

// When our end of its stdin closes, however we died, the server is killed and what it had is removed. It has a process group
// of its own, with the processes of its models in it, which do not always end by themselves.
const guard = `
folder=$1; shared=$2; shift 2
exec 3<&0
setsid "$@" >>"$folder/log" 2>&1 3<&- & server=$!
( read -r _ <&3; trap '' TERM; kill -s KILL -- -$server; sleep 1; rm -rf "$folder" "$shared"* ) >/dev/null 2>&1 & watch=$!
echo $server
wait $server; code=$?
kill -s KILL -- -$server 2>/dev/null
rm -f "$shared"*
kill $watch
exit $code
`;

export interface Triton {
  /** host:port */
  readonly grpc: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** On the same port as before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A tritonserver on loopback with the models of triton-models.ts. */
export async function startTriton(folder: string): Promise<Triton> {
  const { root, libraries } = await layout(folder);
  const own = mkdtempSync(join(tmpdir(), 'downlink-triton-'));
  const repository = join(own, 'models');
  for (const [path, content] of tritonFiles()) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), content);
  }
  const [grpc = 0, http = 0, metrics = 0] = await freePorts(3);
  const sharedMemory = basename(own);
  const ports = Object.entries({ grpc, http, metrics });
  const args = [
    `--model-repository=${repository}`,
    `--backend-directory=${join(root, 'backends')}`,
    `--backend-config=python,shm-region-prefix-name=${sharedMemory}`,
    // All interfaces are its default.
    ...ports.flatMap(([name, port]) => [`--${name}-address=127.0.0.1`, `--${name}-port=${port}`]),
  ];
  const env = {
    ...process.env,
    // The models' interpreter takes the first python3 on its way for itself, and so finds the environment's numpy.
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    LD_LIBRARY_PATH: libraries,
  };
  let running: { readonly end: () => void; readonly exited: Promise<unknown> } | undefined;

  const start = async (): Promise<void> => {
    const shell = spawn(
      'sh',
      ['-c', guard, 'sh', own, join('/dev/shm', sharedMemory), join(root, 'bin', 'tritonserver'), ...args],
      { env, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    // A pipe that breaks because the shell has ended is no news.
    shell.stdin.on('error', () => undefined);
    const exited = once(shell, 'exit');
    const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
    const end = (): void => {
      if (shell.exitCode === null) process.kill(Number(line), 'SIGKILL');
    };
    running = { end, exited };
    const deadline = Date.now() + 60_000;
    while (!(await answers(`http://127.0.0.1:${http}/v2/health/ready`))) {
      if (shell.exitCode !== null || Date.now() > deadline) {
        const lastWords = readFileSync(join(own, 'log'), 'utf8').trim().split('\n').slice(-5).join('\n');
        await stop();
        throw new Error(`tritonserver ${tritonVersion} did not start: ${lastWords}`);
      }
      await delay(50);
    }
  };
  const kill = async (): Promise<void> => {
    if (running === undefined) return;
    const { end, exited } = running;
    running = undefined;
    end();
    await exited;
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(own, { recursive: true, force: true });
  };
  await start();
  return { grpc: `127.0.0.1:${grpc}`, kill, start, stop };
}
