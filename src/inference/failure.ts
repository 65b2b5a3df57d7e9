import { DownlinkError } from '../errors.ts';
import { Refusal, type Status } from '../kserve/status.ts';

/**
 * What a failure means to the sequence that it befell: the one table of it. A stream carries only the text of an error,
 * so it is told by words that Triton has not changed from 22.12 to 26.09.
 *
 * - `lost`: the server does not hold the sequence; it is begun anew from the state before.
 * - `stopping`: the server takes nothing new; let go of it, it waits for that.
 * - `unavailable`: nothing is known, or nobody is there; later.
 * - `refused`: it will be refused again.
 */
export type Meaning = 'lost' | 'stopping' | 'unavailable' | 'refused';

const byText: readonly (readonly [RegExp, Meaning])[] = [
  [/must specify the START flag on the first request/, 'lost'],
  [/has stopped accepting new inference requests|Server exiting|shutting down and has stopped/, 'stopping'],
  [/timeout of the corresponding sequence has been expired/, 'unavailable'],
  [/Exceeds maximum queue size|Request timeout expired/, 'unavailable'],
  [/is not at ready state|has no available versions/, 'unavailable'],
  // TLS: who is there is not whom we trust, or does not trust us.
  [/certificate|alert unknown ca/i, 'refused'],
];

const byStatus: Partial<Record<Status, Meaning>> = {
  UNAVAILABLE: 'unavailable',
  DEADLINE_EXCEEDED: 'unavailable',
  // Somebody else gave up, and took the sequence along.
  CANCELLED: 'lost',
  ABORTED: 'unavailable',
  RESOURCE_EXHAUSTED: 'unavailable',
  UNKNOWN: 'unavailable',
};

export function meaningOf(status: Status | undefined, text: string): Meaning {
  for (const [words, meaning] of byText) if (words.test(text)) return meaning;
  // A stream answers a request that was cancelled with it without a word.
  if (status === undefined) return text === '' ? 'lost' : 'refused';
  return byStatus[status] ?? 'refused';
}

/** A request that failed, with what it means. */
export class Failure extends Error {
  readonly meaning: Meaning;
  /** Whether the server may have heard of it. */
  readonly heard: boolean;

  constructor(meaning: Meaning, text: string, heard = true) {
    super(text);
    this.meaning = meaning;
    this.heard = heard;
  }
}

/** What a single call to a model failed with; all that is no refusal stays as it is. */
export function failureOf(thrown: unknown, model: string): unknown {
  if (!(thrown instanceof Refusal)) return thrown;
  const meaning = meaningOf(thrown.status, thrown.message);
  // One that the server knows and has not loaded is NOT_FOUND to Triton as well; that one may come.
  return thrown.status === 'NOT_FOUND' && meaning === 'refused'
    ? new DownlinkError('model-unusable', `the inference server has no model ${model}: ${thrown.message}`)
    : new Failure(meaning, thrown.message);
}

export const errorOf = (thrown: unknown, what: string): DownlinkError => {
  if (thrown instanceof DownlinkError) return thrown;
  if (!(thrown instanceof Failure)) throw thrown;
  const code = thrown.meaning === 'refused' ? 'inference-refused' : 'inference-unavailable';
  return new DownlinkError(code, `${what}: ${thrown.message}`, { cause: thrown });
};
