import type { SeriesBlock } from '../../contract/index.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Http } from './http.ts';
import { readBack } from './read-back.ts';
import type { ServerState } from './server-state.ts';
import type { Watch } from './watch.ts';

export interface VerifierOptions {
  readonly http: Http;
  readonly address: string;
  readonly watch: Watch;
  readonly readBackMs: number;
  /** New series can be seen only after some seconds. */
  readonly readBackAfterMs: number;
  readonly stage: string;
  readonly emit: Emit;
  readonly now: () => number;
}

/** From time to time it reads back something of what was written, and looks at what the server says that it dropped. */
export interface Verifier {
  wrote(blocks: readonly SeriesBlock[]): void;
  close(): void;
}

export function openVerifier(options: VerifierOptions): Verifier {
  const { http, address, watch, readBackMs, readBackAfterMs, stage, emit, now } = options;
  const sink = 'VictoriaMetrics';
  /** To be read back once it is old enough. */
  let picked:
    | { readonly block: SeriesBlock; readonly at: number; readonly started: number | undefined; readonly again?: true }
    | undefined;
  let cannotRead = false;
  let compared: ServerState | undefined;

  const isUnsure = (): boolean => watch.inDoubt;
  const warn = (what: string): void => emit({ event: 'sink-warning', stage, sink, what: `${address}: ${what}` });

  const compare = (): void => {
    const { state } = watch;
    if (state === undefined) return;
    const before = compared?.started === state.started ? compared.dropped : undefined;
    for (const [reason, count] of state.dropped) {
      const more = count - (before?.get(reason) ?? 0);
      if (compared !== undefined && more > 0)
        warn(`it dropped ${more} rows without an error (${reason}), of all that is written to it`);
    }
    compared = state;
  };
  const verify = async (): Promise<void> => {
    if (picked === undefined || picked.at >= now() - readBackAfterMs || isUnsure()) return;
    const { block, started: before, again } = picked;
    picked = undefined;
    // What a restart took is written again, and may not be there yet.
    if (watch.state?.started !== before) return;
    const found = await readBack(http, block);
    if (found === undefined) {
      if (!cannotRead) warn('what was written cannot be read back there');
      cannotRead = true;
      return;
    }
    if (isUnsure() || watch.state?.started !== before) return;
    // A busy server shows late what it took: only what is missing twice is lost.
    if (found.missing > 0 && again === undefined) {
      picked = { block, at: now(), started: before, again: true };
      return;
    }
    emit({ event: 'sink-read-back', stage, sink, values: found.values });
    if (found.missing === 0) return;
    const of = Object.values(block.series[0]?.labels ?? {}).join('/');
    const what = `${found.missing} of ${found.values} values of ${of} that ${address} took are not there`;
    emit({ event: 'sink-lost', stage, sink, values: found.missing, what });
  };

  const timer = setInterval(() => {
    compare();
    verify().catch((thrown: unknown) => {
      warn(`what was written cannot be read back there: ${String(thrown)}`);
    });
  }, readBackMs);
  timer.unref();
  return {
    wrote: (blocks) => {
      const block = blocks[Math.floor(Math.random() * blocks.length)];
      if (block !== undefined) picked ??= { block, at: now(), started: watch.state?.started };
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
