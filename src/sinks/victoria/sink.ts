import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Sent, SeriesBlock } from '../../contract/index.ts';
import { classify, DownlinkError } from '../../errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import { openHttp } from './http.ts';
import { isLoopback } from './loopback.ts';
import { brokeWhileIdle, openSender } from './sender.ts';
import { openVerifier } from './verifier.ts';
import { openWatch } from './watch.ts';

export interface VictoriaLimits {
  /** A lone write goes at once; what comes sooner than this after the last waits, and goes together. */
  readonly paceMs: number;
  readonly bodyBytes: number;
  readonly requestTimeoutMs: number;
  /** How often the server is looked at. */
  readonly lookMs: number;
  /** So long a killed server may have forgotten what it took. */
  readonly forgetsMs: number;
  /** How often something is read back, and how long ago it was written then. */
  readonly readBackMs: number;
  readonly readBackAfterMs: number;
}

export const defaultVictoriaLimits: VictoriaLimits = {
  paceMs: 50,
  bodyBytes: 1 << 20,
  requestTimeoutMs: 30_000,
  lookMs: 5_000,
  forgetsMs: 30_000,
  readBackMs: 60_000,
  readBackAfterMs: 15_000,
};

export interface VictoriaOptions {
  readonly address: string;
  /** Whose words the events are. */
  readonly stage: string;
  readonly emit: Emit;
  /** Left out: unless the server is on this machine, where it only costs. */
  readonly compress?: boolean;
  readonly limits?: Partial<VictoriaLimits>;
}

export interface VictoriaSink {
  write(values: readonly Sent<SeriesBlock>[], signal: AbortSignal): Promise<void>;
  readonly forgetful: { safeBefore(): number; forgot(): AbortSignal };
  close(): Promise<void>;
}

interface Waiting {
  readonly blocks: readonly SeriesBlock[];
  readonly resolve: () => void;
  readonly reject: (error: DownlinkError) => void;
}

/** Writes to a VictoriaMetrics for all lanes of a stage in a process: what they have at one time goes together, a request after the other. */
export function openVictoria({ address, stage, emit, compress, limits }: VictoriaOptions): VictoriaSink {
  const { paceMs, bodyBytes, requestTimeoutMs, lookMs, forgetsMs, ...back } = {
    ...defaultVictoriaLimits,
    ...limits,
  };
  const now = () => performance.now();
  const http = openHttp(address);
  const send = openSender({
    http,
    address,
    compress: compress ?? !isLoopback(address),
    bodyBytes,
    timeoutMs: requestTimeoutMs,
  });
  const watch = openWatch({ http, address, forgetsMs, stage, emit, now });
  const verifier = openVerifier({ http, address, watch, stage, emit, now, ...back });
  const waiting = new Set<Waiting>();
  const closing = new AbortController();
  let lastBegan = -Infinity;
  let pumping: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Writes and looks go one after the other, so that it is known to which process each was made. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const done = last.then(task);
    last = done.catch(() => undefined);
    return done;
  };
  const attempt = async (blocks: readonly SeriesBlock[]): Promise<void> => {
    try {
      if (watch.inDoubt) await watch.look();
      const began = now();
      const sent = await send(blocks);
      verifier.wrote(blocks);
      emit({ event: 'sink-wrote', stage, ...sent, ms: now() - began });
    } catch (thrown) {
      watch.doubt();
      throw thrown;
    }
  };
  const flush = async (): Promise<void> => {
    const mine = [...waiting];
    waiting.clear();
    const blocks = mine.flatMap((one) => one.blocks);
    try {
      await attempt(blocks).catch((thrown: unknown) => {
        if (classify(thrown).cause !== brokeWhileIdle) throw thrown;
        return attempt(blocks);
      });
      for (const one of mine) one.resolve();
    } catch (thrown) {
      for (const one of mine) one.reject(classify(thrown));
    }
  };
  const pump = async (): Promise<void> => {
    while (waiting.size > 0 && !closing.signal.aborted) {
      // Lanes whose records came in one answer hand them over one after the other.
      await setImmediate();
      const early = lastBegan + paceMs - now();
      if (early > 0) await delay(early);
      lastBegan = now();
      await inTurn(flush);
    }
    pumping = undefined;
  };

  let looking = false;
  const look = (): void => {
    // Behind a write that takes long there is no use in more than one.
    if (looking) return;
    looking = true;
    const done = (): void => {
      looking = false;
    };
    // That the server is away is said by the write that finds it so.
    inTurn(() => watch.look()).then(done, done);
  };
  look();
  const looks = setInterval(look, lookMs);
  looks.unref();

  return {
    forgetful: { safeBefore: () => watch.safeBefore, forgot: () => watch.forgot },
    write: (values, signal) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          signal.removeEventListener('abort', giveUp);
          waiting.delete(one);
        };
        const one: Waiting = {
          blocks: values.map(({ value }) => value),
          resolve: () => {
            end();
            resolve();
          },
          reject: (error) => {
            end();
            reject(error);
          },
        };
        // What is under way for others goes on; that some of it is nobody's any more does no harm.
        const giveUp = (): void => one.reject(new DownlinkError('victoria-unavailable', 'given up'));
        if (signal.aborted || closing.signal.aborted) return giveUp();
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(one);
        pumping ??= pump();
      }),
    close: async () => {
      closing.abort();
      clearInterval(looks);
      verifier.close();
      http.close();
      for (const one of waiting) one.reject(new DownlinkError('victoria-unavailable', 'closed'));
      await pumping;
      await last;
    },
  };
}
