import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { evaluate, type Evaluation } from '../evaluation/evaluate.ts';
import { indexPage } from '../evaluation/pictures/index-page.ts';
import { svgOf } from '../evaluation/pictures/svg-of.ts';
import { report } from '../evaluation/report.ts';
import type { Series } from '../evaluation/series.ts';
import { toJson } from '../evaluation/to-json.ts';
import { loadTopology } from '../pipeline/topology-file.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { isListenError, portNumber, sayCannotListen } from './listening.ts';
import { printProblems } from './load-settings.ts';
import { repeatedOption } from './repeated-option.ts';
import { seriesOfData } from './series-of-data.ts';
import { seriesOfTopics, type TopicsOptions } from './series-of-topics.ts';
import { time } from './time.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';
import { withKafkaAndRegistry } from './with-kafka-and-registry.ts';

interface Options extends TopicsOptions {
  readonly topology: string;
  readonly data?: string;
  readonly out?: string;
  readonly json?: true;
}

/** What detect finds in telemetry with labels, beside what would have been found without looking. */
export const evaluateVerb: Verb = (program, shell, done) => {
  program
    .command('evaluate')
    .description('judge detect by labels; exit code 1 unless it beats all that does not look')
    .requiredOption('--topology <file>', 'the topology file: its detect is judged')
    .addOption(
      new Option(
        '--data <dir>',
        'a data set (the layouts of `downlink replay`): its training rows are learned first; without it, what a running system has scored',
      ).conflicts(['labels', 'from', 'until', 'scoreAbove', 'live', 'metricsPort', 'host']),
    )
    .addOption(repeatedOption('--entity <name>', 'only this entity, as A-1 or SAT-001/A-1', 'all'))
    .option('--labels <file>', "telemanom's labeled_anomalies.csv; without it, the labels that the telemetry came with")
    .option('--from <time>', 'only what was measured since then, like 2026-01-31T12:00:00Z', time)
    .option('--until <time>', 'only what was measured before', time)
    .option(
      '--score-above <x>',
      "in place of anomalies: scores above a number, or above each record's threshold",
      limit,
    )
    .option('--live', 'follow the topics and keep the figures as metrics, until told to stop')
    .option('--metrics-port <n>', 'with --live: for /metrics; 0 takes a free one', portNumber, 9490)
    .option('--host <address>', 'with --live: the address to listen on', '127.0.0.1')
    .option('--out <dir>', 'draw each entity into this folder, with an index page')
    .option('--json', 'all figures as JSON')
    .addHelpText(
      'after',
      '\nOn topics an alarm is an anomaly from its first to its last row, and the EWMA rule is left out: nobody learned quiet rows.\n' +
        'Rows are the indices of the samples, from the first that was scored in that time.\n' +
        'Example: downlink evaluate --topology topologies/smap-54.yaml --data ./SMAP --out pictures\n' +
        '         downlink evaluate --topology topologies/smap.yaml --live',
    )
    .action(async (options: Options) => {
      done(await (options.data === undefined ? ofTopics(options, shell) : ofData(options, options.data, shell)));
    });
};

function limit(text: string): number | 'threshold' {
  const number = Number(text);
  if (text === 'threshold') return text;
  if (text.trim() === '' || !(number >= 0)) throw new InvalidArgumentError('It is a number, or the word threshold.');
  return number;
}

async function ofData(options: Options, data: string, shell: Shell): Promise<ExitCode> {
  const { topology, problems } = loadTopology(hereOrShipped(options.topology));
  if (topology !== undefined) return judged(await seriesOfData(topology, data, options.entity), options, shell);
  printProblems(problems, shell);
  return 1;
}

async function ofTopics(options: Options, shell: Shell): Promise<ExitCode> {
  try {
    return await withKafkaAndRegistry(options.topology, shell, async (tools) =>
      judged(await seriesOfTopics(tools, options, shell), options, shell),
    );
  } catch (error) {
    if (!isListenError(error)) throw error;
    sayCannotListen(shell, `${options.host}:${options.metricsPort}`, error);
    return 1;
  }
}

function judged(series: readonly Series[], { json, out }: Options, shell: Shell): ExitCode {
  const evaluation = evaluate(series);
  shell.out(json === true ? `${JSON.stringify(toJson(evaluation), null, 2)}\n` : report(evaluation));
  if (out !== undefined) shell.err(`${draw(out, series, evaluation)}\n`);
  return evaluation.gate.passed ? 0 : 1;
}

function draw(folder: string, all: readonly Series[], evaluation: Evaluation): string {
  mkdirSync(folder, { recursive: true });
  for (const series of all) writeFileSync(join(folder, `${nameOf(series.entity)}.svg`), svgOf(series));
  const page = join(folder, 'index.html');
  writeFileSync(page, indexPage(all, evaluation));
  return `${all.length} pictures; begin with ${page}`;
}

const nameOf = (entity: string): string => entity.replaceAll('/', '-');
