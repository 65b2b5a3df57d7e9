import type { Batch, JobModel, Lane, Outcome, Records, Sent, Stage } from '../../contract/index.ts';
import { askTogether } from './ask-together.ts';
import { prepare, type Ready } from './prepare.ts';
import { problemOf } from './problem.ts';
import { maxJobsOf, takes, type Settings } from './settings.ts';
import { ended } from './ended.ts';

type Job = Records['job'];
type JobCancel = Records['job-cancel'];
type JobResult = Records['job-result'];

/**
 * What a job comes to is a record in any case: one that cannot be answered has failed, and nobody waits for it for ever. A
 * cancel counts as long as its job was not taken, that is where both come in one batch.
 */
export function openPredict({ settings, ports }: Lane<Settings>): Stage<Job | JobCancel, JobResult> {
  const inference = ports.inference();
  const models = new Map<string, JobModel>();
  for (const model of Object.keys(settings.models))
    if (takes(settings, model)) models.set(model, inference.jobModel(model));

  const process = async (
    { records }: Batch<Job | JobCancel>,
    signal: AbortSignal,
  ): Promise<Outcome<JobResult, never>> => {
    const jobs = new Map<string, Job>();
    const cancelled = new Set<string>();
    for (const { value } of records) {
      if (!('cancelled_at' in value)) {
        // One that was sent again has the same id.
        if (takes(settings, value.model) && !jobs.has(value.id)) jobs.set(value.id, value);
      } else if (jobs.get(value.id)?.owner === value.owner) cancelled.add(value.id);
    }
    const results: JobResult[] = [];
    const ready = new Map<string, Ready[]>();
    for (const job of jobs.values()) {
      const model = models.get(job.model);
      const problem =
        model === undefined ? `there is no model ${job.model}` : problemOf(job.data, job.forecast_steps, model);
      if (cancelled.has(job.id)) results.push(ended(job, 'cancelled'));
      else if (model === undefined || problem !== undefined) results.push(ended(job, 'failed', problem));
      else {
        const prepared = prepare(job, model);
        // What a call holds has to be of one shape.
        const kind = `${job.model} ${prepared.shape}`;
        ready.set(kind, [...(ready.get(kind) ?? []), { job, prepared }]);
      }
    }
    const asked = [...ready.values()].flatMap((same) =>
      chunks(same, maxJobsOf(settings, same[0]?.job.model ?? '')).map((some) =>
        askTogether(some, { inference, timeoutMs: settings.requestTimeoutMs, signal }),
      ),
    );
    for (const answered of await Promise.all(asked)) results.push(...answered);
    return { send: results.map((value): Sent<JobResult> => ({ key: value.id, value })) };
  };
  return { process };
}

const chunks = <T>(all: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, at) => all.slice(at * most, (at + 1) * most));
