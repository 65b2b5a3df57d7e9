import type { ChildProcess } from 'node:child_process';
import { realClock } from '../runner/clock.ts';
import type { Emit } from '../telemetry/events.ts';

/** What a worker says to whoever started it. */
export type WorkerMessage =
  /** Before it joins any group: the name that its members have in them. */
  | { readonly says: 'client'; readonly clientId: string }
  | {
      readonly says: 'ready';
      readonly text: string;
      /** Where others find what it serves, by what that is. */
      readonly addresses?: Readonly<Record<string, string>>;
    }
  /** It ends because of what starting anew does not mend. */
  | { readonly says: 'failed' };

/** To a worker: finish what is begun, and end. */
export const stopMessage = 'stop';

export interface SuperviseOptions {
  readonly workers: number;
  /** Starts a process with a channel for messages. */
  readonly start: (worker: number) => ChildProcess;
  readonly emit: Emit;
  readonly onReady?: (worker: number, ready: Extract<WorkerMessage, { says: 'ready' }>) => void;
  /** Hears the name of each before it joins a group. */
  readonly onClient?: (clientId: string) => void;
  /** Takes one that died out of its groups. */
  readonly leave?: (clientId: string) => Promise<void>;
  readonly firstPauseMs?: number;
}

export interface Supervised {
  readonly pids: readonly (number | undefined)[];
  /** Resolves when no worker is left, because each failed with what starting it anew does not mend. */
  readonly given: Promise<void>;
  /** Answers whether all of them ended well within the time; those that did not are killed. */
  stop(withinMs: number): Promise<boolean>;
}

interface Worker {
  readonly number: number;
  process: ChildProcess;
  clientId: string | undefined;
  failed: boolean;
  since: number;
  pauseMs: number;
  /** Resolves when it has ended and will not be started again. */
  readonly over: Promise<void>;
  end: () => void;
  exit: number | null;
}

const longestPauseMs = 30_000;
/** Who lived so long died of something new. */
const soundMs = 60_000;

/**
 * Keeps worker processes running. One that died is taken out of its groups by name, so that the others have its partitions at
 * once and not when its session ends; it is started anew after a pause that grows, and the others are left alone.
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { start, emit, onReady, firstPauseMs = 500 } = options;
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;

  const leave = async ({ clientId }: Worker): Promise<void> => {
    if (clientId !== undefined) await options.leave?.(clientId);
  };

  const watch = (worker: Worker): void => {
    const { process: child } = worker;
    child.on('message', (message) => {
      const told = message as WorkerMessage;
      if (told.says === 'client') {
        worker.clientId = told.clientId;
        options.onClient?.(told.clientId);
      } else if (told.says === 'failed') worker.failed = true;
      else onReady?.(worker.number, told);
    });
    let gone = false;
    const ended = (code: number | null, how: string): void => {
      if (gone) return;
      gone = true;
      worker.exit = code;
      // Not even the attempt to start another went well: there will be none.
      afterDeath(worker, code, how).catch(worker.end);
    };
    child.once('exit', (code, signal) => ended(code, signal ?? `exit code ${code ?? '?'}`));
    child.once('error', (error) => ended(null, error.message));
  };

  const afterDeath = async (worker: Worker, code: number | null, how: string): Promise<void> => {
    const left = code === 0 ? Promise.resolve() : leave(worker);
    if (isStopping() || worker.failed) {
      await left;
      return worker.end();
    }
    if (realClock.now() - worker.since > soundMs) worker.pauseMs = firstPauseMs;
    const restartMs = worker.pauseMs;
    worker.pauseMs = Math.min(2 * restartMs, longestPauseMs);
    emit({ event: 'worker-died', worker: worker.number, how, restartMs });
    await Promise.all([left, realClock.sleep(restartMs, stopping.signal)]);
    if (isStopping()) return worker.end();
    worker.clientId = undefined;
    worker.process = start(worker.number);
    worker.since = realClock.now();
    watch(worker);
  };

  const workers = Array.from({ length: options.workers }, (_, number): Worker => {
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    const process = start(number);
    const since = realClock.now();
    const worker: Worker = {
      number,
      process,
      clientId: undefined,
      failed: false,
      since,
      pauseMs: firstPauseMs,
      over,
      end,
      exit: null,
    };
    watch(worker);
    return worker;
  });
  const given = Promise.all(workers.map(({ over }) => over)).then(() => undefined);

  return {
    given,
    get pids() {
      return workers.map(({ process: child }) => child.pid);
    },
    stop: async (withinMs) => {
      stopping.abort();
      for (const { process: child } of workers) if (child.connected) child.send(stopMessage);
      const late = new AbortController();
      const inTime = await Promise.race([
        given.then(() => true),
        realClock.sleep(withinMs, late.signal).then(() => false),
      ]);
      late.abort();
      if (!inTime) {
        for (const { process: child } of workers) child.kill('SIGKILL');
        await given;
      }
      return inTime && workers.every(({ exit, failed }) => exit === 0 && !failed);
    },
  };
}
