import type { DownlinkError } from '../errors.ts';

/** Where something happened. */
interface InStage {
  readonly stage: string;
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
  | (InLane & { readonly event: 'lane-closed'; readonly why: 'revoked' | 'stopped' | 'not committed' | 'failed' })
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
  /** By whoever started it. */
  | { readonly event: 'worker-died'; readonly worker: number; readonly how: string; readonly restartMs: number };

export interface CommittedLane {
  readonly partition: number;
  /** The position behind the last record. */
  readonly offset: bigint;
  readonly records: number;
  readonly behind: bigint;
}

export type EventName = Event['event'];
export type Emit = (event: Event) => void;

/** Of these a person has to know at once: something was refused or given up, or stands still. */
export const isError = ({ event }: Event): boolean => event === 'failed';
export const isWarning = ({ event }: Event): boolean => warnings.has(event);

const warnings: ReadonlySet<EventName> = new Set([
  'retrying',
  'rejected',
  'not-committed',
  'fenced',
  'waiting',
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
