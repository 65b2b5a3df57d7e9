import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const stopWithinMs = 10_000;

// The shell ends with the JVM. When our end of its stdin closes, however we died, it kills the JVM and removes the
// folder, which nobody else would then do. The pipe is on descriptor 3, as background jobs get an empty stdin.
const guard = `
folder=$1; log=$2; shift 2
exec 3<&0
java "$@" >>"$log" 2>&1 3<&- & jvm=$!
( read -r _ <&3; trap '' TERM; kill -9 $jvm; sleep 1; rm -rf "$folder" ) >>/dev/null 2>&1 & watch=$!
echo $jvm
wait $jvm; code=$?
kill $watch
exit $code
`;

export interface JavaProcess {
  readonly pid: number;
  /** Its exit status, with the shell's 128 + signal for one that was killed. */
  readonly exited: Promise<number | null>;
  running(): boolean;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL for one that takes too long over it. */
  stop(): Promise<void>;
  /** What it wrote last, for the message of an error. */
  lastWords(): string;
}

/** Starts a JVM in `folder`, which is removed if this process dies before the JVM does. */
export async function startJava(folder: string, name: string, args: readonly string[]): Promise<JavaProcess> {
  const log = join(folder, `${name}.log`);
  const shell = spawn('sh', ['-c', guard, 'sh', folder, log, ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A pipe that breaks because the shell has ended is no news.
  shell.stdin.on('error', () => undefined);
  const exited = once(shell, 'exit').then(([code]) => code as number | null);
  const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
  const pid = Number(line);
  const running = (): boolean => shell.exitCode === null && shell.signalCode === null;
  const signal = async (name: NodeJS.Signals, withinMs: number): Promise<void> => {
    if (!running()) return;
    process.kill(pid, name);
    await Promise.race([exited, delay(withinMs, undefined, { ref: false })]);
  };
  const kill = () => signal('SIGKILL', stopWithinMs);
  return {
    pid,
    exited,
    running,
    kill,
    stop: async () => {
      await signal('SIGTERM', stopWithinMs);
      await kill();
    },
    lastWords: () => readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n'),
  };
}

/** Waits until `ready` says so; a JVM that ends before that, or takes too long, is an error with its last words. */
export async function untilReady(
  what: string,
  jvms: readonly JavaProcess[],
  ready: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await ready())) {
    const silent = jvms.find((jvm) => !jvm.running()) ?? (Date.now() > deadline ? jvms[0] : undefined);
    if (silent) throw new Error(`${what} did not start: ${silent.lastWords()}`);
    await delay(50);
  }
}

/** Why the programs that need Java cannot run here; null when they can. */
export async function javaIsMissing(): Promise<string | null> {
  const said = await run('java', ['-version']).catch(() => null);
  if (!said) return 'there is no java';
  const version = Number(/version "(\d+)/.exec(said.stderr)?.[1] ?? 0);
  return version >= 17 ? null : `java is ${version}, 17 is needed`;
}
