import { aligned } from '../../pipeline/aligned.ts';
import { seriesPatterns } from '../../replay/series-generator.ts';
import type { Health, Model, Summary } from '../jobs/answers.ts';
import { isAnswer, type Client } from '../jobs/client.ts';
import { problemLine } from '../jobs/problem-text.ts';
import type { ExitCode, Shell } from '../verb.ts';
import { lacks } from './is-answer.ts';
import { openLatencies } from './latencies.ts';
import { madeJob } from './made-jobs.ts';
import { sendJob, type Outcome } from './send-job.ts';

export interface Checking {
  readonly client: Client;
  readonly models: readonly Model[];
  readonly seed: number;
  /** For each step of a job. */
  readonly patienceMs?: number;
}

interface Check {
  readonly what: string;
  readonly measured: string;
  readonly bound: string;
  readonly holds: boolean;
}

const [jobs, atOnce] = [50, 10];
const bounds = { perSecond: 30, p95Ms: 200, success: 0.95 } as const;

/** Whether a system answers, rightly and fast enough. 0 only if all that is checked holds. */
export async function check({ client, models, seed, patienceMs = 20_000 }: Checking, shell: Shell): Promise<ExitCode> {
  const send = (making: { readonly models: readonly Model[] }, number: number) => {
    const job = madeJob({ ...making, patterns: seriesPatterns, seed }, number);
    const { signal } = new AbortController();
    const sent = sendJob(job, { client, accepted: () => undefined, signal, patienceMs });
    return sent.then((outcome) => ({ outcome, length: job.data.length }));
  };
  const health = await healthCheck(client);
  const answers = await Promise.all(models.map(async (model) => ({ model, ...(await send({ models: [model] }, 0)) })));
  const completed = answers.flatMap(({ model, outcome }) => (outcome.became === 'completed' ? [model] : []));
  // The first of each have shown the way by now: these are what a system does that has run for a while.
  const began = performance.now();
  const load =
    completed.length === 0 ? [] : await inTurns((number) => send({ models: completed }, models.length + number));
  const seconds = (performance.now() - began) / 1000;
  const outcomes = load.map(({ outcome }) => outcome);
  const checks = [
    health,
    ...answers.map(({ model, outcome, length }) => modelCheck(model, outcome, length)),
    ...loadChecks(outcomes, seconds),
    await statisticsCheck(client, completed.length + outcomes.filter(({ became }) => became === 'completed').length),
  ];
  const rows = checks.map(({ what, measured, bound, holds }) => [what, measured, bound, holds ? 'yes' : 'NO']);
  const broken = checks.filter(({ holds }) => !holds).length;
  const verdict = broken === 0 ? 'all of them hold' : `${broken} of ${checks.length} do not hold`;
  shell.out(`${aligned([['check', 'measured', 'bound', 'holds'], ...rows]).join('\n')}\n${verdict}\n`);
  return broken === 0 ? 0 : 1;
}

async function healthCheck(client: Client): Promise<Check> {
  const answer = await client.ask('GET', '/health');
  const check = { what: 'health', bound: 'ok' };
  if (!isAnswer(answer, [200, 503], 'dependencies')) return { ...check, measured: problemLine(answer), holds: false };
  const { status, dependencies } = answer.body as Health;
  const down = Object.entries(dependencies).flatMap(([name, { status: own, detail }]) =>
    own === 'ok' ? [] : [`${name} (${detail ?? own})`],
  );
  return { ...check, measured: [status, ...down].join(', '), holds: status === 'ok' };
}

const wanted: Readonly<Record<string, string>> = {
  forecast: 'finite, within its interval',
  reconstruct: 'finite, with a score each',
};

function modelCheck(model: Model, outcome: Outcome, length: number): Check {
  const check = { what: model.name, bound: wanted[model.task] ?? 'finite' };
  if (outcome.became !== 'completed') return { ...check, measured: `${outcome.became}: ${outcome.why}`, holds: false };
  const lacking = lacks(outcome.result, model, length);
  const given = `${outcome.result.predictions.length} predictions of ${length} numbers`;
  return { ...check, measured: lacking ?? given, holds: lacking === undefined };
}

function loadChecks(outcomes: readonly Outcome[], seconds: number): readonly Check[] {
  const latencies = openLatencies();
  for (const outcome of outcomes) if (outcome.became === 'completed') latencies.add(outcome.ms);
  const completed = outcomes.filter(({ became }) => became === 'completed').length;
  const p95 = latencies.at(0.95) ?? Infinity;
  const [success, perSecond] = [completed / outcomes.length, completed / seconds];
  const rows: readonly [what: string, measured: string, bound: string, holds: boolean][] = [
    ['success', `${completed} of ${outcomes.length}`, `> ${100 * bounds.success} %`, success > bounds.success],
    ['throughput', `${perSecond.toFixed(1)} jobs/s`, `> ${bounds.perSecond} jobs/s`, perSecond > bounds.perSecond],
    ['P95', `${p95.toFixed(0)} ms`, `< ${bounds.p95Ms} ms`, p95 < bounds.p95Ms],
  ];
  return rows.map(([name, measured, bound, holds]) => {
    const what = `${name}, ${jobs} jobs, ${atOnce} at once`;
    return outcomes.length === 0
      ? { what, measured: 'not tried: no model answers', bound, holds: false }
      : { what, measured, bound, holds };
  });
}

/** The API has counted what it answered. */
async function statisticsCheck(client: Client, completed: number): Promise<Check> {
  const answer = await client.ask('GET', '/api/v1/results/stats/summary?minutes=60');
  const least = Math.max(1, completed);
  const check = { what: 'statistics', bound: `at least ${least} completed` };
  if (!isAnswer(answer, [200], 'all')) return { ...check, measured: problemLine(answer), holds: false };
  const { all } = answer.body as Summary;
  return { ...check, measured: `${all.completed} completed`, holds: all.completed >= least };
}

async function inTurns<T>(work: (number: number) => Promise<T>): Promise<readonly T[]> {
  const done: T[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < jobs) done.push(await work(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return done;
}
