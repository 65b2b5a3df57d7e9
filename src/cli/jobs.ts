import { InvalidArgumentError, Option, type Command } from 'commander';
import type { JobStatus, Result, Submitted } from './jobs/answers.ts';
import { isAnswer, openClient, urlOption, type Answer, type Client } from './jobs/client.ts';
import { jobText } from './jobs/job-text.ts';
import { jobTable, listJobs, type Wanted } from './jobs/list-jobs.ts';
import { problemText } from './jobs/problem-text.ts';
import { seriesIn } from './jobs/series-in.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly url: string;
  readonly json?: true;
}

/** Jobs that an API has taken: what became of them, and to change that. */
export const jobs: Verb = (program, shell, done) => {
  const verb = program
    .command('jobs')
    .description('list jobs, show one, take one back, do one again')
    .addHelpText(
      'after',
      '\nThe key that DOWNLINK_API_KEY holds is sent along.\nExample: downlink jobs ls --status failed',
    );

  ofApi(verb.command('ls').description('print a line for each job that is done, the newest first'))
    .option('--model <name>', 'only those of this model')
    .addOption(
      new Option('--status <status>', 'only those that ended so').choices(['completed', 'failed', 'cancelled']),
    )
    .option('--limit <n>', 'at most so many', count, 20)
    .addHelpText('after', '\nExample: downlink jobs ls --model vae_timeseries --limit 100')
    .action(async (options: Options & Wanted) => done(await withApi(options, shell, listed(options))));

  ofApi(verb.command('show').argument('<id>', 'the job', jobId).description('show all of one job'))
    .addHelpText('after', `\nExample: downlink jobs show ${example}`)
    .action(async (id: string, options: Options) => done(await withApi(options, shell, shown(id, options))));

  ofApi(verb.command('cancel').argument('<id>', 'the job', jobId).description('take a job back, if it is not too late'))
    .addHelpText('after', `\nThe exit code is 0 only if it was cancelled.\nExample: downlink jobs cancel ${example}`)
    .action(async (id: string, options: Options) => done(await withApi(options, shell, cancelled(id, options))));

  ofApi(verb.command('retry').argument('<id>', 'the job', jobId).description('do a job again, under a new id'))
    .requiredOption('--data <file>', 'its series, as JSON numbers or as it was submitted; - is what is piped in')
    .addHelpText(
      'after',
      `\nIt must be the series of that job.\nExample: downlink jobs retry ${example} --data job.json`,
    )
    .action(async (id: string, options: Options & { readonly data: string }) =>
      done(await withApi(options, shell, retried(id, options))),
    );
};

const example = '2c0e4c1e-7f0b-4d9b-9a3c-5f4d3b2a1908';

const ofApi = (command: Command): Command =>
  command.addOption(urlOption()).option('--json', 'JSON, as the API answers it, a line each');

function jobId(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new InvalidArgumentError(`A job's id is like ${example}.`);
  return text;
}

function count(text: string): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

interface Asked {
  readonly client: Client;
  readonly out: Shell['out'];
  /** Tells what went wrong. */
  readonly failed: (answer: Answer) => ExitCode;
}

async function withApi({ url }: Options, shell: Shell, work: (asked: Asked) => Promise<ExitCode>): Promise<ExitCode> {
  const client = openClient(url, shell);
  if (client === undefined) return 1;
  const failed = (answer: Answer): ExitCode => {
    shell.err(problemText(answer, client));
    return 1;
  };
  return work({ client, out: shell.out, failed });
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

const listed =
  (options: Options & Wanted) =>
  async ({ client, out, failed }: Asked): Promise<ExitCode> => {
    const found = await listJobs(client, options);
    if (!isList(found)) return failed(found);
    if (options.json === true) for (const one of found) out(line(one));
    else out(jobTable(found));
    return 0;
  };

const isList = (found: readonly Result[] | Answer): found is readonly Result[] => Array.isArray(found);

const resultPath = (id: string, wait: number): string => `/api/v1/inference/result/${id}?wait=${wait}`;

const shown =
  (id: string, { json }: Options) =>
  async ({ client, out, failed }: Asked): Promise<ExitCode> => {
    const [status, result] = await Promise.all([
      client.ask('GET', `/api/v1/inference/status/${id}`),
      client.ask('GET', resultPath(id, 0)),
    ]);
    if (!isAnswer(status, [200], 'job_id')) return failed(status);
    if (!isAnswer(result, [200, 202], 'job_id')) return failed(result);
    const job = status.body as JobStatus;
    if (json === true) out(line({ ...job, ...result.body }));
    else out(jobText(job, result.status === 200 ? (result.body as Result) : undefined));
    return 0;
  };

const waitSeconds = 20;

const cancelled =
  (id: string, { json }: Options) =>
  async ({ client, out, failed }: Asked): Promise<ExitCode> => {
    const answer = await client.ask('DELETE', `/api/v1/inference/${id}`);
    if (!isAnswer(answer, [200, 202, 409], 'status')) return failed(answer);
    // Whoever works on it says which of both it becomes.
    const result = await client.ask('GET', resultPath(id, answer.status === 202 ? waitSeconds : 0), {
      withinMs: 1000 * waitSeconds + 10_000,
    });
    if (!isAnswer(result, [200, 202], 'job_id')) return failed(result);
    const { status, finished_at: since, detail = null } = result.body as Partial<Result>;
    const why = detail === null ? '' : `, because ${detail}`;
    if (json === true) out(line(result.body));
    else if (status === 'cancelled') out(`${id} is cancelled\n`);
    else if (result.status === 202) out(`${id} is still queued: it is taken back once a stage reads that\n`);
    else out(`${id} was too late to cancel: it is ${status} since ${since}${why}\n`);
    return status === 'cancelled' ? 0 : 1;
  };

// The API keeps no series, only a digest to know it by. To find it in the topic would need rights to everybody's jobs, and a writer
// that goes past the checks of the API; whoever submitted it has it.
const retried =
  (id: string, { data, json }: Options & { readonly data: string }) =>
  async ({ client, out, failed }: Asked): Promise<ExitCode> => {
    const answer = await client.ask('POST', `/api/v1/inference/${id}/retry`, { payload: { data: seriesIn(data) } });
    if (!isAnswer(answer, [202], 'job_id')) return failed(answer);
    const { job_id: again } = answer.body as Submitted;
    out(
      json === true
        ? line(answer.body)
        : `${again} does ${id} again; \`downlink jobs show ${again}\` tells how it went\n`,
    );
    return 0;
  };
