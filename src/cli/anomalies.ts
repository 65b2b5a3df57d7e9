import { Option, type Command } from 'commander';
import { readerOf } from '../avro/own-types.ts';
import { entitiesNamed, keyOfEntity } from '../config/entities-named.ts';
import { anomalyJson, anomalyTable } from '../pipeline/anomalies/anomaly-lines.ts';
import { anomalyText } from '../pipeline/anomalies/anomaly-text.ts';
import { explain } from '../pipeline/anomalies/explain.ts';
import { explanationText } from '../pipeline/anomalies/explanation-text.ts';
import { newest } from '../pipeline/anomalies/newest.ts';
import { phasesOf } from '../pipeline/anomalies/phases-of.ts';
import { readAnomalies } from '../pipeline/anomalies/read-anomalies.ts';
import type { Told } from '../pipeline/anomalies/told.ts';
import { time } from './time.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';
import { withKafkaAndRegistry, type Tools as Programs } from './with-kafka-and-registry.ts';

interface Options {
  readonly topology: string;
  readonly entity: readonly string[];
  readonly open?: true;
  readonly since?: number;
  readonly json?: true;
}

/** What detect found: each anomaly, what is known of one, and whether it comes to the same once more. */
export const anomalies: Verb = (program, shell, done) => {
  const verb = program
    .command('anomalies')
    .description('list anomalies, show one, compute one again')
    .addHelpText('after', '\nExample: downlink anomalies ls --topology topologies/smap.yaml --open');

  ofTopology(verb.command('ls').description('print a line for each anomaly, the one that began last first'))
    .addOption(new Option('--entity <names...>', 'only of these, as A-1 or SAT-001/A-1').default([], 'all'))
    .option('--open', 'only those that are not over')
    .option('--since <time>', 'only those that were on then or later, like 2026-01-31T12:00:00Z', time)
    .option('--json', 'JSON, a line each: what its last record says')
    .addHelpText('after', '\nExample: downlink anomalies ls --topology topologies/smap.yaml --entity A-1 --open')
    .action(async (options: Options) => {
      done(await withAnomalies(options, shell, (tools) => listed(tools, options, shell)));
    });

  ofTopology(verb.command('show <id>').description('show all that is known of one anomaly, phase by phase'))
    .addHelpText('after', `\nExample: downlink anomalies show ${example} --topology topologies/smap.yaml`)
    .action(async (id: string, options: Options) => {
      done(
        await withAnomalies(options, shell, async ({ all }) => {
          shell.out(anomalyText(await phasesOf(id, all)));
          return 0;
        }),
      );
    });

  ofTopology(verb.command('explain <id>').description('judge its scores once more, and compare what that comes to'))
    .addHelpText(
      'after',
      '\nIt begins with what the rules knew before, takes their settings from the topology file, and changes nothing.\n' +
        'The exit code is 1 where it comes to something else, or cannot be computed.\n' +
        `Example: downlink anomalies explain ${example} --topology topologies/smap.yaml`,
    )
    .action(async (id: string, options: Options) => {
      done(await withAnomalies(options, shell, (tools) => explained(id, tools, shell)));
    });
};

const example = 'SAT-001/A-1:RQDG:2009';

const ofTopology = (command: Command): Command => command.requiredOption('--topology <file>', 'the topology file');

interface Tools extends Programs {
  /** Every phase of every anomaly. */
  readonly all: AsyncIterable<Told>;
  readonly note: (line: string) => void;
}

const withAnomalies = (
  { topology: file }: Options,
  shell: Shell,
  work: (tools: Tools) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withKafkaAndRegistry(file, shell, (programs) => {
    const note = (line: string): void => shell.err(`${line}\n`);
    const all = readAnomalies({ ...programs, reader: readerOf(programs.registry, ['anomaly']), note });
    return work({ ...programs, all, note });
  });

async function listed(
  { topology, all }: Tools,
  { entity: names, open, since, json }: Options,
  shell: Shell,
): Promise<ExitCode> {
  const named = entitiesNamed(topology, names);
  if ('wrong' in named) {
    for (const line of named.wrong) shell.err(`${line}\n`);
    return 2;
  }
  // What the fleet no longer has is listed, too, unless something else was asked for.
  const entities = names.length === 0 ? undefined : named.entities.map(keyOfEntity);
  const found = await newest(all, { entities, open, since });
  if (json === true) for (const one of found) shell.out(`${anomalyJson(one)}\n`);
  else shell.out(anomalyTable(found));
  return 0;
}

async function explained(
  id: string,
  { topology, fetcher, registry, all, note }: Tools,
  shell: Shell,
): Promise<ExitCode> {
  const [first, ...more] = await phasesOf(id, all);
  const recorded = [first.anomaly, ...more.map(({ anomaly }) => anomaly)] as const;
  const explanation = await explain(recorded, topology, { fetcher, reader: readerOf(registry, ['scores']), note });
  shell.out(explanationText(recorded.at(-1) ?? first.anomaly, explanation));
  return 'cannot' in explanation || explanation.because !== undefined ? 1 : 0;
}
