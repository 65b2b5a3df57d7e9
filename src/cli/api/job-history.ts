import type { JobHistory } from '../../api/parts.ts';
import type { KnownJob, Result } from '../../api/view/jobs.ts';
import { openHistory } from '../../sinks/postgres/history.ts';
import type { PostgresAddress } from '../../sinks/postgres/pool.ts';
import type { StoredResult } from '../../sinks/postgres/stored.ts';

/** What PostgreSQL has of jobs, as the API knows them. */
export function openJobHistory(address: PostgresAddress): JobHistory & { close(): Promise<void> } {
  const history = openHistory(address);
  return {
    job: async (id) => {
      const { job, result } = await history.job(id);
      const about = job ?? result;
      if (about === undefined) return undefined;
      return {
        ...knownOf(about),
        steps: job?.forecastSteps ?? null,
        length: job?.data.length ?? 0,
        retryOf: job?.retryOf ?? null,
        result: result && resultOf(result),
      };
    },
    results: async (filter) => {
      const { results, next } = await history.results(filter);
      return { jobs: results.map((one) => ({ ...knownOf(one), result: resultOf(one) })), next };
    },
    check: async () => {
      await history.results({ limit: 1 });
    },
    close: () => history.close(),
  };
}

const knownOf = ({
  id,
  owner,
  model,
  submittedAt,
}: Pick<StoredResult, 'id' | 'owner' | 'model' | 'submittedAt'>): Omit<KnownJob, 'result'> => ({
  id,
  owner,
  model,
  submittedAt,
  steps: null,
  length: 0,
  retryOf: null,
  // No request is compared with what is so old.
  fingerprint: '',
});

const resultOf = (stored: StoredResult): Result => ({
  id: stored.id,
  owner: stored.owner,
  model: stored.model,
  model_version: stored.modelVersion,
  // The table has no others.
  status: stored.status as Result['status'],
  detail: stored.detail,
  predictions: Float64Array.from(stored.predictions),
  lower: Float64Array.from(stored.lower),
  upper: Float64Array.from(stored.upper),
  scores: Float64Array.from(stored.scores),
  anomaly_score: stored.anomalyScore,
  anomaly_detected: stored.anomalyDetected,
  submitted_at: stored.submittedAt,
  inference_ms: stored.inferenceMs,
  batch_size: stored.batchSize,
  finishedAt: stored.completedAt,
});
