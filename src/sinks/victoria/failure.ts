import { DownlinkError } from '../../errors.ts';
import type { Answer } from './http.ts';

/** Longer words are not for a log. */
const mostWords = 500;

/** What an answer to a write means; undefined where it was taken. */
export function writeFailure(address: string, answer: Answer): DownlinkError | undefined {
  if ('failed' in answer) return new DownlinkError('victoria-unavailable', `${address}: ${answer.failed}`);
  const { status, text } = answer;
  if (status === 204) return undefined;
  const detail = `${address} answers ${status}: ${text.trim().slice(0, mostWords)}`;
  if (status >= 500 || status === 429 || status === 408) return new DownlinkError('victoria-unavailable', detail);
  // A login page, or a proxy's greeting: perhaps only for now, and never a proof that anything was written.
  if (status < 300) return new DownlinkError('victoria-unavailable', `${detail}; VictoriaMetrics answers 204`);
  return new DownlinkError('victoria-refused', detail);
}

const longestPauseMs = 60_000;

/** How long a server asks not to be asked again: seconds, or a date. */
export function pauseAskedFor(answer: Answer, now: number): number {
  if ('failed' in answer || answer.retryAfter === undefined) return 0;
  const seconds = /^\d+$/.test(answer.retryAfter) ? Number(answer.retryAfter) : NaN;
  const ms = Number.isNaN(seconds) ? Date.parse(answer.retryAfter) - now : seconds * 1000;
  return Number.isNaN(ms) ? 0 : Math.min(longestPauseMs, Math.max(0, ms));
}
