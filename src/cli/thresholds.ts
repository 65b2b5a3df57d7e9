import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { entitiesNamed } from '../config/entities-named.ts';
import type { Entity, Topology } from '../config/topology.ts';
import { eventsOf } from '../evaluation/count.ts';
import { sumOfTallies } from '../evaluation/sum.ts';
import { applyChange } from '../pipeline/thresholds/apply.ts';
import { assignmentsOf, type Assignment } from '../pipeline/thresholds/assignments.ts';
import { changedTopology, type ChangedTopology } from '../pipeline/thresholds/changed-topology.ts';
import { lineDifferences } from '../pipeline/thresholds/line-differences.ts';
import { changeLine, planJson, planText, type PlanFindings } from '../pipeline/thresholds/plan-lines.ts';
import { readPlan, type LabelledPlan } from '../pipeline/thresholds/read-plan.ts';
import { ofRunningState } from '../pipeline/thresholds/running-state.ts';
import { loadTopology } from '../pipeline/topology-file.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { labelsFrom } from './labels-option.ts';
import { printProblems } from './load-settings.ts';
import { repeatedOption } from './repeated-option.ts';
import { time } from './time.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';
import { withKafkaAndRegistry } from './with-kafka-and-registry.ts';

interface Options {
  readonly topology: string;
  readonly set: readonly string[];
  readonly entity: readonly string[];
}

interface PlanOptions extends Options {
  readonly from?: number;
  readonly days?: number;
  readonly labels?: string;
  readonly json?: true;
}

/** Other settings of detect: what they would have done, and setting them. */
export const thresholds: Verb = (program, shell, done) => {
  const verb = program
    .command('thresholds')
    .description('try other settings of detect on stored scores, and set them')
    .addHelpText('after', '\nExample: downlink thresholds plan --topology topologies/smap.yaml --set busyFactor=1.6');

  ofSettings(verb.command('plan').description('tell which alarms would appear, vanish or move; changes nothing'))
    .option('--from <time>', 'only alarms of what was measured since then, like 2026-01-31T12:00:00Z', time)
    .addOption(new Option('--days <n>', 'only those of the last days').argParser(days).conflicts('from'))
    .option('--labels <file>', "telemanom's labeled_anomalies.csv; without it, the labels that the telemetry came with")
    .option('--json', 'all of it as JSON')
    .addHelpText(
      'after',
      '\nThe rules of detect judge the scores twice, from the first that Kafka still has, whatever time is asked for: they need\n' +
        'thousands of rows to know what is normal. They begin with the checkpoint from before that score, where there is one.\n' +
        'Example: downlink thresholds plan --topology topologies/smap.yaml --set busyFactor=1.6 --entity A-1 --days 7',
    )
    .action(async (options: PlanOptions) => done(await planned(options, shell)));

  ofSettings(verb.command('apply').description('write the settings into the topology file, and who did it beside it'))
    .addHelpText(
      'after',
      '\nNothing else in the file is touched. Who set what and when is kept beside it, as smap.changes.jsonl for smap.yaml.\n' +
        'Example: downlink thresholds apply --topology topologies/smap.yaml --set busyFactor=1.6 --entity A-1',
    )
    .action((options: Options) => done(applied(options, shell)));
};

const ofSettings = (command: Command): Command =>
  command
    .requiredOption('--topology <file>', 'the topology file')
    .addOption(repeatedOption('--set <key=value>', 'a setting of detect, as busyFactor=1.6', 'none'))
    .addOption(repeatedOption('--entity <name>', 'for this entity only, as A-1 or SAT-001/A-1', 'all'));

function days(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number > 0)) throw new InvalidArgumentError('Days are a number above 0.');
  return number;
}

interface Change {
  readonly before: string;
  readonly topology: Topology;
  readonly changed: ChangedTopology;
  /** Those that it is for. */
  readonly entities: readonly Entity[];
}

/** Everything that is wrong is printed. */
function changeOf({ topology: file, set, entity: names }: Options, shell: Shell): Change | ExitCode {
  const { topology, problems } = loadTopology(file);
  if (topology === undefined) {
    printProblems(problems, shell);
    return 1;
  }
  const [asked, named] = [assignmentsOf(set), entitiesNamed(topology, names)];
  const nothing = set.length === 0 ? ['--set KEY=VALUE: nothing is to be set'] : [];
  const wrong = [...nothing, ...('wrong' in asked ? asked.wrong : []), ...('wrong' in named ? named.wrong : [])];
  for (const line of wrong) shell.err(`${line}\n`);
  if ('wrong' in asked || 'wrong' in named || wrong.length > 0) return 2;
  return checked(topology, asked.assignments, named.entities, names.length > 0, shell);
}

function checked(
  topology: Topology,
  assignments: readonly Assignment[],
  entities: readonly Entity[],
  isForThem: boolean,
  shell: Shell,
): Change | ExitCode {
  const before = readFileSync(topology.file, 'utf8');
  const changed = changedTopology(topology, before, assignments, isForThem ? entities : undefined);
  if (changed.topology !== undefined) return { before, topology, changed, entities };
  printProblems(changed.problems, shell);
  return 1;
}

async function planned(asked: PlanOptions, shell: Shell): Promise<ExitCode> {
  const options = { ...asked, topology: hereOrShipped(asked.topology) };
  const change = changeOf(options, shell);
  if (typeof change === 'number') return change;
  const { changed, entities } = change;
  const from = options.days === undefined ? (options.from ?? -Infinity) : Date.now() - options.days * 86_400_000;
  return withKafkaAndRegistry(options.topology, shell, async (tools) => {
    const labels = labelsFrom(options.labels);
    const note = (line: string): void => shell.err(`${line}\n`);
    const plans = await readPlan({ ...tools, changed: changed.topology, entities, from, labels, note });
    for (const line of labels.unusable()) note(line);
    const findings: PlanFindings = { changes: changed.changes, plans, outcome: outcomeOf(plans) };
    shell.out(options.json === true ? `${JSON.stringify(planJson(findings), null, 2)}\n` : planText(findings));
    return 0;
  });
}

/** Counted as `evaluate` counts. */
function outcomeOf(plans: readonly LabelledPlan[]): PlanFindings['outcome'] {
  const labelled = plans.flatMap(({ labels, ...plan }) => (labels === undefined ? [] : [{ ...plan, labels }]));
  if (labelled.length === 0) return undefined;
  const under = (setting: 'before' | 'after') =>
    sumOfTallies(
      labelled.map(({ labels, ...plan }) =>
        eventsOf(
          labels,
          plan[setting].map(({ begin_index, end_index }) => ({ first: begin_index, last: end_index })),
        ),
      ),
    );
  return { before: under('before'), after: under('after') };
}

function applied(options: Options, shell: Shell): ExitCode {
  const change = changeOf(options, shell);
  if (typeof change === 'number') return change;
  const { before, topology, changed, entities } = change;
  if (changed.text === before) {
    shell.out(`${topology.file} says so already\n`);
    return 0;
  }
  const { event, kept } = applyChange(before, changed);
  const lines = [
    ...changed.changes.map(changeLine),
    ...lineDifferences(before, changed.text),
    JSON.stringify(event),
    `kept in ${kept}`,
    ...ofRunningState(topology, changed.topology, entities),
  ];
  shell.out(`${lines.join('\n')}\n`);
  return 0;
}
