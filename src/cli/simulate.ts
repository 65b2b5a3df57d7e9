import { InvalidArgumentError, Option } from 'commander';
import { seriesPatterns, type SeriesPattern } from '../replay/series-generator.ts';
import { openClient, urlOption } from './jobs/client.ts';
import { check } from './simulate/check.ts';
import { modelsAsked } from './simulate/models-asked.ts';
import { runSimulation, type Range } from './simulate/run-simulation.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly url: string;
  readonly pattern: SeriesPattern | 'all';
  readonly interval: number;
  readonly randomInterval?: Range;
  readonly minBatch: number;
  readonly maxBatch?: number;
  readonly model: string;
  readonly count?: number;
  readonly seed: number;
  readonly keyFromEnv?: true;
  readonly check?: true;
}

const usualBatch = 5;

const example = `
The key that DOWNLINK_API_KEY holds is sent along. Series are those that the models were judged on, not those they learned from.
Latency is counted here, from the submission to the result. The exit code is 0 only if each job was completed, or each check holds.
Example: downlink simulate --interval 500 --max-batch 20 --count 1000
         downlink simulate --model vae_timeseries --pattern seasonal --random-interval 100:2000
         downlink simulate --check --url http://127.0.0.1:8080`;

/** Clients as there may be many, to see what the job API does. */
export const simulate: Verb = (program, shell, done) => {
  const modes = ['pattern', 'interval', 'randomInterval', 'minBatch', 'maxBatch', 'count'];
  program
    .command('simulate')
    .description('send jobs to an API as clients would, and tell what becomes of them; or check that all is well')
    .addOption(urlOption())
    .addOption(
      new Option('--pattern <name>', 'what the series are like').choices([...seriesPatterns, 'all']).default('all'),
    )
    .option('--interval <ms>', 'the time between two batches', whole, 1_000)
    .addOption(
      new Option('--random-interval <min:max>', 'another time each time, in ms').argParser(range).conflicts('interval'),
    )
    .option('--min-batch <n>', 'how many jobs a batch has at least', whole, 1)
    .option(
      '--max-batch <n>',
      `how many it has at most (${usualBatch}, or what --min-batch says if that is more)`,
      whole,
    )
    .option('--model <name>', 'whose jobs they are: of one, or of all in turn', 'all')
    .option('--count <n>', 'how many jobs; without it, until told to stop', whole)
    .option('--seed <n>', 'the same jobs for the same seed', whole, 1)
    .option('--key-from-env', 'end at once where DOWNLINK_API_KEY is not set')
    .addOption(
      new Option('--check', 'one job of each model, then 50 at 10 at a time; tell whether all was well').conflicts(
        modes,
      ),
    )
    .addHelpText('after', example)
    .action(async (options: Options) => done(await simulated(options, shell)));
};

async function simulated(options: Options, shell: Shell): Promise<ExitCode> {
  const { minBatch, maxBatch = Math.max(minBatch, usualBatch), interval, randomInterval, seed } = options;
  if (maxBatch < minBatch) {
    shell.err(`--max-batch ${maxBatch}: it is less than --min-batch ${minBatch}\n`);
    return 2;
  }
  const client = openClient(options.url, shell);
  if (client === undefined) return 1;
  if (options.keyFromEnv === true && !client.hasKey) {
    shell.err('environment: DOWNLINK_API_KEY: missing; set it to a key, `downlink api key` makes one\n');
    return 1;
  }
  const models = await modelsAsked(client, options.model);
  if (typeof models === 'string') {
    shell.err(models);
    return 1;
  }
  if (options.check === true) return check({ client, models, seed }, shell);
  const intervalMs = randomInterval ?? ([interval, interval] as const);
  const { pattern, count = Infinity } = options;
  const batch = [minBatch, maxBatch] as const;
  return runSimulation({ client, models, pattern, intervalMs, batch, count, seed }, shell);
}

function whole(text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

function range(text: string): Range {
  const [, least, most] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  const found = [Number(least), Number(most)] as const;
  if (!(found[0] <= found[1])) throw new InvalidArgumentError('It is written like 100:2000, the lesser first.');
  return found;
}
