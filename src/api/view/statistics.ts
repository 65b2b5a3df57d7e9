import { statusOf, type KnownJob } from './jobs.ts';

export interface Statistics {
  readonly queued: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Of those that were not taken back; null where there is none. */
  readonly success_rate: number | null;
  /** Jobs that were done, a second. */
  readonly throughput: number;
  /** Of those that were completed, from the submission to the result. */
  readonly latency_ms: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
}

/** Of jobs that were submitted since, in one pass. */
export function statisticsOf(jobs: readonly KnownJob[], seconds: number): Statistics {
  const counts = { queued: 0, completed: 0, failed: 0, cancelled: 0 };
  const latencies: number[] = [];
  for (const job of jobs) {
    counts[statusOf(job)] += 1;
    if (job.result?.status === 'completed') latencies.push(Math.max(0, job.result.finishedAt - job.submittedAt));
  }
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  const done = counts.completed + counts.failed;
  return {
    ...counts,
    success_rate: done === 0 ? null : counts.completed / done,
    throughput: done / seconds,
    latency_ms: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
  };
}
