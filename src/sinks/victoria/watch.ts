import { DownlinkError } from '../../errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Http } from './http.ts';
import { concernsOf, serverState, type ServerState } from './server-state.ts';

export interface WatchOptions {
  readonly http: Http;
  readonly address: string;
  /** What it wrote longer ago is on its disk. */
  readonly forgetsMs: number;
  readonly stage: string;
  readonly emit: Emit;
  readonly now: () => number;
}

/** Knows which process the server is: one that was killed has forgotten its last seconds. */
export interface Watch {
  /** Looks at the server. Fails where it cannot be reached. */
  look(): Promise<void>;
  /** It may have been restarted. */
  doubt(): void;
  readonly inDoubt: boolean;
  readonly state: ServerState | undefined;
  /** What was written before that time is on its disk. */
  readonly safeBefore: number;
  /** Aborted when it is found to be another process; then there is a new one. */
  readonly forgot: AbortSignal;
}

const timeoutMs = 5_000;

export function openWatch({ http, address, forgetsMs, stage, emit, now }: WatchOptions): Watch {
  const sink = 'VictoriaMetrics';
  let state: ServerState | undefined;
  let said: string | undefined;
  let inDoubt = true;
  let safeBefore = -Infinity;
  let forgot = new AbortController();
  const restarted = (): void => {
    const before = forgot;
    forgot = new AbortController();
    before.abort('it has forgotten its last seconds');
    emit({ event: 'sink-restarted', stage, sink });
  };

  const warn = (what: string): void => emit({ event: 'sink-warning', stage, sink, what });
  /** Once, and again where it is another server's. */
  const say = (concerns: readonly string[]): void => {
    const text = concerns.join('\n');
    if (text !== said) for (const concern of concerns) warn(`${address}: ${concern}`);
    said = text;
  };

  const look = async (): Promise<void> => {
    const began = now();
    const answer = await http.ask({ method: 'GET', path: '/metrics', timeoutMs });
    if ('failed' in answer) {
      inDoubt = true;
      throw new DownlinkError('victoria-unavailable', `${address}: ${answer.failed}`);
    }
    // Writes tell by themselves how it fares; until it answers again nothing that was written counts as safe.
    if (answer.status >= 500 || answer.status === 429) return;
    const found = answer.status === 200 ? serverState(answer.text) : undefined;
    if (found === undefined) {
      say([
        `/metrics (HTTP ${answer.status}) is not that of a VictoriaMetrics: what its restart loses cannot be noticed`,
      ]);
      safeBefore = began - forgetsMs;
      inDoubt = false;
      return;
    }
    // Of two processes that began in one second only a connection that broke tells; what is written again does no harm.
    const isNew = state === undefined || state.started !== found.started || (inDoubt && state.uptime <= 1);
    if (state !== undefined && isNew) restarted();
    else safeBefore = began - forgetsMs;
    if (isNew) {
      const { version, retention, deduplication } = found;
      emit({ event: 'sink-found', stage, sink, version, settings: { retention, deduplication } });
      say(concernsOf(found, new Date()));
    }
    state = found;
    inDoubt = false;
  };

  return {
    look,
    doubt: () => {
      inDoubt = true;
    },
    get inDoubt() {
      return inDoubt;
    },
    get state() {
      return state;
    },
    get safeBefore() {
      return safeBefore;
    },
    get forgot() {
      return forgot.signal;
    },
  };
}
