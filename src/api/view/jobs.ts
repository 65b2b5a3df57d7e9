import { createHash } from 'node:crypto';
import type { Records } from '../../contract/index.ts';

type Job = Records['job'];
type JobResult = Records['job-result'];

/** What became of a job, as it is shown: numbers apart, so that many can be kept. */
export interface Result extends Omit<JobResult, 'predictions' | 'lower' | 'upper' | 'scores'> {
  readonly predictions: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly scores: Float64Array;
  /** When it was there. */
  readonly finishedAt: number;
}

export interface KnownJob {
  readonly id: string;
  readonly owner: string;
  readonly model: string;
  readonly steps: number | null;
  readonly length: number;
  readonly submittedAt: number;
  readonly retryOf: string | null;
  /** Of what was asked; two requests with one key must ask the same. */
  readonly fingerprint: string;
  readonly result: Result | undefined;
}

export type Status = 'queued' | JobResult['status'];

export const statusOf = ({ result }: KnownJob): Status => result?.status ?? 'queued';

export interface JobView {
  sawJob(job: Job): void;
  /** Answers whether it is the first of its job. */
  sawResult(result: JobResult, finishedAt: number): boolean;
  find(id: string): KnownJob | undefined;
  /** The newest first. */
  all(): readonly KnownJob[];
  readonly queued: number;
  /** Resolves with the result when it comes, or with undefined when it was waited for long enough. */
  untilDone(id: string, signal: AbortSignal): Promise<Result | undefined>;
}

export interface JobViewLimits {
  readonly maxJobs: number;
  readonly maxAgeMs: number;
  /** Of all results together. */
  readonly maxNumbers: number;
}

const defaults: JobViewLimits = { maxJobs: 20_000, maxAgeMs: 24 * 3_600_000, maxNumbers: 2_000_000 };

/**
 * What the topics say of jobs, as far back as there is room for. A result can come before its job: they are read from two
 * topics. Of an id that is there twice the first job and the first result count, in every process.
 */
export function openJobView(limits: Partial<JobViewLimits> = {}, now: () => number = Date.now): JobView {
  const { maxJobs, maxAgeMs, maxNumbers } = { ...defaults, ...limits };
  const jobs = new Map<string, KnownJob>();
  const waiting = new Map<string, Set<(result: Result) => void>>();
  let [numbers, queued] = [0, 0];

  const forget = (job: KnownJob): void => {
    jobs.delete(job.id);
    if (job.result === undefined) queued -= 1;
    else numbers -= sizeOf(job.result);
  };
  const makeRoom = (): void => {
    const oldest = now() - maxAgeMs;
    for (const job of jobs.values()) {
      const isTooOld = job.submittedAt < oldest;
      if (!isTooOld && jobs.size <= maxJobs && numbers <= maxNumbers) return;
      forget(job);
    }
  };

  return {
    sawJob: (job) => {
      const before = jobs.get(job.id);
      if (before !== undefined) {
        // Its result was read first.
        if (before.fingerprint === '') jobs.set(job.id, { ...before, ...knownOf(job) });
        return;
      }
      jobs.set(job.id, { ...knownOf(job), result: undefined });
      queued += 1;
      makeRoom();
    },
    sawResult: (result, finishedAt) => {
      const before = jobs.get(result.id);
      if (before?.result !== undefined) return false;
      const kept = keptOf(result, finishedAt);
      numbers += sizeOf(kept);
      if (before !== undefined) queued -= 1;
      jobs.set(result.id, { ...(before ?? unseen(result)), result: kept });
      for (const tell of waiting.get(result.id) ?? []) tell(kept);
      waiting.delete(result.id);
      makeRoom();
      return true;
    },
    find: (id) => jobs.get(id),
    all: () => [...jobs.values()].reverse(),
    get queued() {
      return queued;
    },
    untilDone: (id, signal) => {
      const found = jobs.get(id)?.result;
      if (found !== undefined || signal.aborted) return Promise.resolve(found);
      return new Promise((resolve) => {
        const among = waiting.get(id) ?? new Set();
        waiting.set(id, among);
        const over = (): void => {
          among.delete(tell);
          if (among.size === 0 && waiting.get(id) === among) waiting.delete(id);
          resolve(undefined);
        };
        const tell = (result: Result): void => {
          signal.removeEventListener('abort', over);
          resolve(result);
        };
        among.add(tell);
        signal.addEventListener('abort', over, { once: true });
      });
    },
  };
}

const knownOf = (job: Job): Omit<KnownJob, 'result'> => ({
  id: job.id,
  owner: job.owner,
  model: job.model,
  steps: job.forecast_steps,
  length: job.data.length,
  submittedAt: job.submitted_at,
  retryOf: job.retry_of,
  fingerprint: fingerprintOf(job),
});

const unseen = ({ id, owner, model, submitted_at }: JobResult): Omit<KnownJob, 'result'> => ({
  id,
  owner,
  model,
  steps: null,
  length: 0,
  submittedAt: submitted_at,
  retryOf: null,
  fingerprint: '',
});

export const fingerprintOf = ({
  model,
  data,
  forecast_steps,
}: Pick<Job, 'model' | 'data' | 'forecast_steps'>): string =>
  createHash('sha256')
    .update(`${model}\n${forecast_steps ?? ''}\n`)
    .update(Float64Array.from(data))
    .digest('base64url')
    .slice(0, 22);

const keptOf = (result: JobResult, finishedAt: number): Result => ({
  ...result,
  predictions: Float64Array.from(result.predictions),
  lower: Float64Array.from(result.lower),
  upper: Float64Array.from(result.upper),
  scores: Float64Array.from(result.scores),
  finishedAt,
});

/** What an empty one takes counts, too. */
const sizeOf = ({ predictions, lower, upper, scores }: Result): number =>
  40 + predictions.length + lower.length + upper.length + scores.length;
