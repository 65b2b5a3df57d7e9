import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Submission } from '../../api/shapes.ts';
import type { Result, Submitted } from '../jobs/answers.ts';
import { isAnswer, type Answer, type Client } from '../jobs/client.ts';
import { problemLine } from '../jobs/problem-text.ts';

/** What became of a job, as whoever sent it sees it. */
export type Outcome =
  | { readonly became: 'completed'; readonly ms: number; readonly result: Result }
  | { readonly became: 'failed' | 'refused' | 'unanswered'; readonly why: string };

export interface Sending {
  readonly client: Client;
  readonly accepted: () => void;
  /** Nobody waits for it any more once this is aborted. */
  readonly signal: AbortSignal;
  /** For being taken, and then for a result. */
  readonly patienceMs: number;
}

const waitSeconds = 20;
const longestPauseMs = 5_000;

/** Submits until it is taken, or surely not, with the same key each time; then asks until there is a result. */
export async function sendJob(
  submission: Submission,
  { client, accepted, signal, patienceMs }: Sending,
): Promise<Outcome> {
  const began = performance.now();
  const idempotencyKey = randomUUID();
  const submit = () => client.ask('POST', '/api/v1/inference/submit', { payload: submission, idempotencyKey });
  const taken = await persisting(submit, { signal, until: began + patienceMs });
  if (!isAnswer(taken, [202], 'job_id')) {
    // Of a job that was lost on the way, or in the API, nobody knows whether it was taken.
    const isSure = !('unreachable' in taken) && taken.status < 500;
    return { became: isSure ? 'refused' : 'unanswered', why: problemLine(taken) };
  }
  accepted();
  const { job_id: id } = taken.body as Submitted;
  const until = performance.now() + patienceMs;
  for (;;) {
    const seconds = Math.min(waitSeconds, Math.max(1, Math.ceil((until - performance.now()) / 1000)));
    const ask = () =>
      client.ask('GET', `/api/v1/inference/result/${id}?wait=${seconds}`, { withinMs: 1000 * seconds + 10_000 });
    const answer = await persisting(ask, { signal, until });
    if (isAnswer(answer, [200], 'metrics')) return outcomeOf(answer.body as Result, performance.now() - began);
    if (!isAnswer(answer, [202], 'job_id')) return { became: 'unanswered', why: problemLine(answer) };
    if (signal.aborted || performance.now() >= until)
      return { became: 'unanswered', why: `no result within ${patienceMs / 1000} s` };
  }
}

function outcomeOf(result: Result, ms: number): Outcome {
  if (result.status === 'completed') return { became: 'completed', ms, result };
  return { became: 'failed', why: `${result.status}: ${result.detail ?? 'without a reason'}` };
}

/** Again where the API is busy or away, until it answers otherwise or there is no more time. */
async function persisting(
  ask: () => Promise<Answer>,
  { signal, until }: { readonly signal: AbortSignal; readonly until: number },
): Promise<Answer> {
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const answer = await ask();
    const wait = 'unreachable' in answer ? pauseMs : (answer.retryAfterMs ?? pauseMs);
    const isBusy = 'unreachable' in answer || answer.status === 503 || answer.status === 429;
    if (!isBusy || signal.aborted || performance.now() + wait >= until) return answer;
    // Not all of them again at the same moment.
    await delay(wait * (1 + Math.random() / 4));
  }
}
