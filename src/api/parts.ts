import type { Entity } from '../config/topology.ts';
import type { JobModel } from '../contract/index.ts';
import type { SeriesHistory } from '../sinks/victoria/series-history.ts';
import type { Emit } from '../telemetry/events.ts';
import type { JobLog } from './job-log.ts';
import type { Keys } from './keys.ts';
import type { EventLog } from './socket/event-log.ts';
import type { AnomalyView } from './view/anomalies.ts';
import type { JobView, KnownJob } from './view/jobs.ts';
import type { SampleView } from './view/samples.ts';

/** What the API stands on; whoever starts it has opened all of it. */
export interface ApiParts {
  readonly jobs: JobView;
  readonly samples: SampleView;
  readonly anomalies: AnomalyView;
  readonly events: EventLog;
  readonly log: JobLog;
  /** Resolves when all that is committed of jobs by now is in the view. */
  readonly caughtUp: () => Promise<void>;
  readonly models: ReadonlyMap<string, JobModel>;
  readonly entities: readonly Entity[];
  /** Undefined: whoever reaches this process may do everything. */
  readonly keys: Keys | undefined;
  readonly dependencies: readonly Dependency[];
  /** Results that are older than the view, where there is a database. */
  readonly history?: JobHistory;
  /** Samples that are older than the view, where there is VictoriaMetrics. */
  readonly series?: SeriesHistory;
  readonly emit: Emit;
}

/** A program that the API needs; rejects with why it does not answer. */
export interface Dependency {
  readonly name: string;
  readonly check: (signal: AbortSignal) => Promise<void>;
}

/** Jobs that are older than what the view has room for. */
export interface JobHistory {
  job(id: string): Promise<KnownJob | undefined>;
  results(filter: HistoryFilter): Promise<{ readonly jobs: readonly KnownJob[]; readonly next: string | undefined }>;
  /** Rejects with why it does not answer. */
  check(): Promise<void>;
}

export interface HistoryFilter {
  readonly owner?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** How much is taken of whom. */
export interface ApiLimits {
  readonly bodyBytes: number;
  /** Requests of one key, or of one address where there are no keys. */
  readonly perMinute: number;
  /** Jobs of all owners that wait for an answer. */
  readonly queued: number;
  /** Of one subscriber, waiting to be sent. */
  readonly bufferedBytes: number;
  readonly sockets: number;
}

export const defaultLimits: ApiLimits = {
  bodyBytes: 64 * 1024,
  perMinute: 300_000,
  queued: 20_000,
  bufferedBytes: 1 << 20,
  sockets: 4_000,
};
