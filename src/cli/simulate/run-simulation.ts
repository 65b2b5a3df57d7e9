import { setTimeout as delay } from 'node:timers/promises';
import { seriesPatterns, type SeriesPattern } from '../../replay/series-generator.ts';
import { seeded } from '../../replay/seeded.ts';
import { countOf } from '../count-of.ts';
import type { Model } from '../jobs/answers.ts';
import type { Client } from '../jobs/client.ts';
import type { ExitCode, Shell } from '../verb.ts';
import { madeJob } from './made-jobs.ts';
import { openScreen } from './screen.ts';
import { sendJob } from './send-job.ts';
import { openTally } from './tally.ts';

/** From the least to the most, both of them included. */
export type Range = readonly [least: number, most: number];

export interface Simulation {
  readonly client: Client;
  readonly models: readonly Model[];
  readonly pattern: SeriesPattern | 'all';
  readonly intervalMs: Range;
  readonly batch: Range;
  /** Infinity: until it is told to stop. */
  readonly count: number;
  readonly seed: number;
  /** How long results are still waited for, once it was told to stop. */
  readonly lastResultsMs?: number;
}

/** Each that waits holds a connection, and a process has not many more than a thousand. */
const mostUnderWay = 500;
const patienceMs = 60_000;

/** Clients that submit and wait, until all is sent or they are told to stop. 0 only if each job was completed. */
export async function runSimulation(simulation: Simulation, shell: Shell): Promise<ExitCode> {
  const { client, models, pattern, intervalMs, batch, count, seed, lastResultsMs = 10_000 } = simulation;
  const making = { models, patterns: pattern === 'all' ? seriesPatterns : [pattern], seed };
  const tally = openTally(models.map(({ name }) => name));
  const screen = openScreen(shell, tally);
  const [stopping, over] = [new AbortController(), new AbortController()];
  const told = shell.untilToldToStop().then(
    () => stopping.abort(),
    () => stopping.abort(),
  );
  const isTold = (): boolean => stopping.signal.aborted;
  const underWay = new Set<Promise<void>>();
  const begin = (number: number): void => {
    const job = madeJob(making, number);
    tally.sent(job.model_name);
    const accepted = (): void => tally.accepted(job.model_name);
    const one = sendJob(job, { client, accepted, signal: over.signal, patienceMs }).then((outcome) => {
      underWay.delete(one);
      if (!over.signal.aborted) tally.ended(job.model_name, outcome);
    });
    underWay.add(one);
  };
  // Cut short when it is told to stop, which is what the loops look at.
  const pause = (ms: number): Promise<unknown> =>
    delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  const random = seeded(seed);
  const oneOf = ([least, most]: Range): number => least + Math.floor(random() * (most - least + 1));
  let [number, due, heldBack] = [0, performance.now(), 0];
  while (!isTold() && number < count) {
    const end = Math.min(count, number + oneOf(batch));
    for (; number < end; number++) {
      const hasRoom = (): boolean => underWay.size < mostUnderWay;
      if (!hasRoom()) heldBack += 1;
      while (!hasRoom() && !isTold()) await pause(10);
      if (isTold()) break;
      begin(number);
    }
    // One that was held back does not make up for it: that would be another load than was asked for.
    due = Math.max(due + oneOf(intervalMs), performance.now());
    if (number < count) await pause(due - performance.now());
  }
  const late = told.then(() => delay(lastResultsMs, undefined, { ref: false }));
  await Promise.race([Promise.all(underWay), late]);
  over.abort();
  const elapsedMs = screen.end();
  shell.out(tally.table(elapsedMs));
  if (heldBack > 0)
    shell.err(`held back: ${countOf(heldBack, 'job', 'jobs')}; ${mostUnderWay} were under way already\n`);
  return tally.allCompleted ? 0 : 1;
}
