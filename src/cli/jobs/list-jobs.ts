import { aligned } from '../../pipeline/aligned.ts';
import type { Result, ResultPage } from './answers.ts';
import { isAnswer, type Answer, type Client } from './client.ts';

export interface Wanted {
  readonly model?: string;
  readonly status?: string;
  readonly limit: number;
}

const mostInPage = 500;

/** So many of the newest, page by page; or the answer that is none. */
export async function listJobs(client: Client, { model, status, limit }: Wanted): Promise<readonly Result[] | Answer> {
  const found: Result[] = [];
  let next: string | null = null;
  do {
    const query = new URLSearchParams({ limit: `${Math.min(mostInPage, limit - found.length)}` });
    if (model !== undefined) query.set('model', model);
    if (status !== undefined) query.set('status', status);
    if (next !== null) query.set('after', next);
    const answer = await client.ask('GET', `/api/v1/inference/results?${query.toString()}`);
    if (!isAnswer(answer, [200], 'results')) return answer;
    const page = answer.body as ResultPage;
    found.push(...page.results);
    next = page.next;
  } while (next !== null && found.length < limit);
  return found;
}

export function jobTable(jobs: readonly Result[]): string {
  const head = ['job', 'model', 'status', 'submitted', 'total ms', 'batch'];
  const rows = jobs.map(({ job_id, model_name, status, submitted_at, metrics }) => [
    job_id,
    model_name,
    status,
    submitted_at,
    metrics.total_time.toFixed(0),
    `${metrics.batch_size}`,
  ]);
  return `${aligned([head, ...rows]).join('\n')}\n`;
}
