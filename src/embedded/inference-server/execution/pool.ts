import { Worker } from 'node:worker_threads';
import type { Done, FromThread, Loaded, Run, SessionOptions, ToThread, Wiring } from './protocol.ts';

/** The threads that run models, and the sessions that they hold. */
export interface Pool {
  /** Loads a model file; throws with the runtime's words. */
  open(source: SessionSource): Promise<{ readonly session: Session; readonly file: Loaded }>;
  /** What the runs of a session will hold. */
  wire(session: Session, wiring: Wiring): void;
  /** True: a thread is kept for the caller, who has to `run` or `give` it back. False: `then` is called once one may be free. */
  take(then: () => void): boolean;
  give(): void;
  run(session: Session, job: Omit<Run, 'kind' | 'job' | 'session'>, then: (result: Done | Error) => void): void;
  close(session: Session): void;
  /** Microseconds that the threads have spent in the runtime. */
  readonly busyMicroseconds: number;
  end(): Promise<void>;
}

export interface SessionSource {
  readonly source: string | Uint8Array;
  readonly bytes: number;
  readonly options: SessionOptions;
}

export interface Session extends SessionSource {
  readonly number: number;
  wiring: Wiring;
  running: number;
}

export interface PoolOptions {
  readonly workers: number;
  /** Sessions that are not in use are let go beyond it, and loaded again when they are needed. */
  readonly maxSessionBytes: number;
  /** Node's options for the threads. */
  readonly execArgv?: readonly string[];
}

interface Thread {
  worker: Worker;
  running: boolean;
  /** Their sizes, those used last at the end. */
  readonly loaded: Map<Session, number>;
  readonly jobs: Map<number, (answer: FromThread | Error) => void>;
}

// What runs is what was built, or what was written.
const script = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

export function openPool({ workers, maxSessionBytes, execArgv }: PoolOptions): Pool {
  let [sessions, jobs, kept, busy] = [0, 0, 0, 0];
  let ending: Promise<void> | undefined;
  const waiting: (() => void)[] = [];

  const start = (thread: Omit<Thread, 'worker'>): Worker => {
    const worker = new Worker(script, {
      workerData: { room: 'inference-server' },
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    worker.on('message', (message: FromThread) => {
      const then = thread.jobs.get(message.job);
      thread.jobs.delete(message.job);
      then?.(message);
    });
    worker.on('error', (error) => {
      lost(error);
    });
    worker.on('exit', (code) => {
      lost(new Error(`the thread ended with code ${code}`));
    });
    const lost = (error: Error): void => {
      if (ending !== undefined || (thread as Thread).worker !== worker) return;
      thread.loaded.clear();
      (thread as Thread).worker = start(thread);
      const open = [...thread.jobs.values()];
      thread.jobs.clear();
      for (const then of open) then(error);
    };
    return worker;
  };
  const threads = Array.from({ length: workers }, (): Thread => {
    const thread = {
      running: false,
      loaded: new Map<Session, number>(),
      jobs: new Map<number, (answer: FromThread | Error) => void>(),
    };
    return Object.assign(thread, { worker: start(thread) });
  });
  const first = threads[0];
  if (first === undefined) throw new Error('a pool has at least one thread');

  const post = (thread: Thread, message: ToThread, transfer: ArrayBuffer[] = []): void => {
    thread.worker.postMessage(message, transfer);
  };
  const ask = (
    thread: Thread,
    message: Extract<ToThread, { job: number }>,
    then: (answer: FromThread | Error) => void,
  ): void => {
    thread.jobs.set(message.job, then);
    post(thread, message, message.kind === 'run' ? [message.buffer] : []);
  };

  /** Makes a session the one used last, and lets go of others that have become too many. */
  const use = (thread: Thread, session: Session): void => {
    thread.loaded.delete(session);
    thread.loaded.set(session, session.bytes);
    let sum = 0;
    for (const bytes of thread.loaded.values()) sum += bytes;
    for (const [other, bytes] of thread.loaded) {
      if (sum <= maxSessionBytes) return;
      if (other === session || other.running > 0) continue;
      thread.loaded.delete(other);
      post(thread, { kind: 'release', session: other.number });
      sum -= bytes;
    }
  };
  const load = (thread: Thread, session: Session): Promise<Loaded> =>
    new Promise((resolve, reject) => {
      const { number, source, options } = session;
      ask(thread, { kind: 'load', job: jobs++, session: number, source, options }, (answer) => {
        if (!(answer instanceof Error) && answer.kind === 'loaded') resolve(answer);
        else reject(answer instanceof Error ? answer : new Error(answer.kind === 'failed' ? answer.message : ''));
      });
    });
  const release = (): void => {
    // Whoever is called may find that it has nothing to do; then the next is.
    while (waiting.length > 0 && threads.filter(({ running }) => !running).length > kept) waiting.shift()?.();
  };

  return {
    open: async (source) => {
      const session: Session = { ...source, number: sessions++, wiring: { feeds: [], fetches: [] }, running: 0 };
      const file = await load(first, session);
      use(first, session);
      return { session, file };
    },
    wire: (session, wiring) => {
      session.wiring = wiring;
      for (const thread of threads) {
        if (thread.loaded.has(session)) post(thread, { kind: 'wire', session: session.number, ...wiring });
      }
    },
    take: (then) => {
      if (threads.filter(({ running }) => !running).length > kept) {
        kept++;
        return true;
      }
      waiting.push(then);
      return false;
    },
    give: () => {
      kept--;
      release();
    },
    run: (session, job, then) => {
      const idle = threads.filter(({ running }) => !running);
      const thread = idle.find(({ loaded }) => loaded.has(session)) ?? idle[0] ?? first;
      kept--;
      thread.running = true;
      session.running++;
      if (!thread.loaded.has(session)) {
        // What fails here fails once more in the run that follows.
        load(thread, session).catch(() => undefined);
        post(thread, { kind: 'wire', session: session.number, ...session.wiring });
      }
      use(thread, session);
      ask(thread, { kind: 'run', job: jobs++, session: session.number, ...job }, (answer) => {
        thread.running = false;
        session.running--;
        if (answer instanceof Error) then(answer);
        else if (answer.kind === 'done') {
          busy += answer.microseconds;
          then(answer);
        } else then(new Error(answer.kind === 'failed' ? answer.message : 'unexpected answer'));
        release();
      });
    },
    close: (session) => {
      for (const thread of threads) {
        if (thread.loaded.delete(session)) post(thread, { kind: 'release', session: session.number });
      }
    },
    get busyMicroseconds() {
      return busy;
    },
    end: () => {
      ending ??= Promise.all(threads.map(gone)).then(() => undefined);
      return ending;
    },
  };
}

/** A thread that is terminated while the runtime is at work takes the whole process with it, so it ends by itself. */
const gone = ({ worker }: Thread): Promise<void> =>
  new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage({ kind: 'end' } satisfies ToThread);
  });
