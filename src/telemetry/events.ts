import type { DownlinkError } from '../errors.ts';

/** Where something happened. */
interface InStage {
  readonly stage: string;
}
/** A program outside Kafka that a stage writes to. */
interface InSink extends InStage {
  readonly sink: string;
}
interface InLane extends InStage {
  readonly partition: number;
}

/** Everything that the pipeline says of itself. Code emits; metrics, the log and tests listen. */
export type Event =
  | (InStage & {
      readonly event: 'generation';
      readonly number: number;
      /** Who this is in the group: whoever sees the process die takes it out of the group by this name. */
      readonly member: string;
      readonly partitions: readonly number[];
    })
  | (InLane & {
      readonly event: 'lane-opened';
      readonly from: bigint;
      /** Checkpoints restored. */
      readonly restored: number;
      readonly ms: number;
    })
  | (InLane & {
      readonly event: 'lane-closed';
      readonly why: 'revoked' | 'stopped' | 'not committed' | 'forgotten' | 'failed';
    })
  | (InLane & {
      readonly event: 'turn';
      readonly records: number;
      readonly ms: number;
      /** That the records came with, as W3C traceparents. */
      readonly traces: readonly string[];
    })
  | (InLane & { readonly event: 'rejected'; readonly code: string; readonly records: number })
  | (InLane & { readonly event: 'retrying'; readonly error: DownlinkError; readonly pauseMs: number })
  | (InStage & {
      readonly event: 'committed';
      readonly lanes: readonly CommittedLane[];
      readonly form: string | undefined;
      readonly ms: number;
    })
  | (InStage & { readonly event: 'not-committed'; readonly end: 'not committed' | 'unknown'; readonly why: string })
  | (InStage & { readonly event: 'fenced-dead'; readonly writers: readonly string[] })
  | (InStage & { readonly event: 'fenced'; readonly why: string })
  | (InStage & { readonly event: 'failed'; readonly error: DownlinkError })
  /** Before it runs: a program that it needs does not answer. */
  | (InStage & { readonly event: 'waiting'; readonly error: DownlinkError; readonly pauseMs: number })
  | (InStage & {
      readonly event: 'sink-wrote';
      readonly values: number;
      /** On the wire. */
      readonly bytes: number;
      readonly requests: number;
      readonly ms: number;
    })
  /** The first time, and after each restart of it. */
  | (InSink & {
      readonly event: 'sink-found';
      readonly version: string;
      readonly settings: Readonly<Record<string, string | undefined>>;
    })
  /** What of that which is written will not be there as it should. */
  | (InSink & { readonly event: 'sink-warning'; readonly what: string })
  /** It has forgotten its last seconds: they are written again. */
  | (InSink & { readonly event: 'sink-restarted' })
  | (InSink & { readonly event: 'sink-read-back'; readonly values: number })
  | (InSink & { readonly event: 'sink-lost'; readonly values?: number; readonly what: string })
  /** Where no program outside takes them: the newest values of what the key names. */
  | (InStage & { readonly event: 'newest'; readonly key: string; readonly values: () => Iterable<NewestValue> })
  /** An inference server answered a request, so long after it was sent. Comes with every request. */
  | { readonly event: 'inferred'; readonly model: string; readonly ms: number; readonly rows?: number }
  /** Once at the start, of each entity that this process may score. */
  | { readonly event: 'judged-by'; readonly judge: Judge }
  /** The API has answered. Comes with every request. */
  | {
      readonly event: 'request';
      readonly method: string;
      /** As it was declared, not as it was called: there are only so many. */
      readonly route: string;
      readonly status: number;
      readonly ms: number;
    }
  /** The API failed at a request by its own fault. */
  | {
      readonly event: 'request-failed';
      readonly request: string;
      readonly route: string;
      readonly error: DownlinkError;
    }
  /** By whoever started it. */
  | { readonly event: 'worker-died'; readonly worker: number; readonly how: string; readonly restartMs: number };

export interface CommittedLane {
  readonly partition: number;
  /** The position behind the last record. */
  readonly offset: bigint;
  readonly records: number;
  readonly behind: bigint;
}

/** What the scores of an entity are held against, and what its model's numbers mean. */
export interface Judge {
  readonly satellite: string;
  readonly entity: string;
  readonly threshold: number;
  /** Of each sensor that the model sees on another scale: as sent = as the model sees it × range + min. */
  readonly scales: readonly { readonly sensor: string; readonly min: number; readonly range: number }[];
}

export interface NewestValue {
  readonly name: string;
  readonly about: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly number: number;
}

export type EventName = Event['event'];
export type Emit = (event: Event) => void;

/** Of these a person has to know at once: something was refused or given up, or stands still. */
export const isError = ({ event }: Event): boolean =>
  event === 'failed' || event === 'sink-lost' || event === 'request-failed';
export const isWarning = ({ event }: Event): boolean => warnings.has(event);

const warnings: ReadonlySet<EventName> = new Set([
  'retrying',
  'rejected',
  'not-committed',
  'fenced',
  'waiting',
  'sink-warning',
  'sink-restarted',
  'worker-died',
]);

/** One emitter for several listeners. A listener that throws is a fault, but never the pipeline's. */
export function emitTo(...listeners: readonly Emit[]): Emit {
  return (event) => {
    for (const listen of listeners) {
      try {
        listen(event);
      } catch (thrown) {
        process.emitWarning(`a listener failed at ${event.event}: ${String(thrown)}`);
      }
    }
  };
}
