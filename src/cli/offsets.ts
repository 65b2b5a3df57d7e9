import { InvalidArgumentError } from 'commander';
import type { Stage, Topology } from '../config/topology.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { openFetcher, type Fetcher } from '../kafka/reader/fetcher.ts';
import { aligned } from '../pipeline/aligned.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { planReset, positionsOf, reset, type Position, type Reset, type Target } from '../pipeline/offsets.ts';
import { settingsOrProblems } from './load-settings.ts';
import { repeatedOption } from './repeated-option.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly topology: string;
  readonly stage?: string;
  readonly to: Target;
  readonly partition: readonly number[];
  readonly execute?: true;
}

export const offsets: Verb = (program, shell, done) => {
  const verb = program
    .command('offsets')
    .description('show where stages stand in their topics, and set it')
    .addHelpText('after', '\nExample: downlink offsets ls --topology topologies/smap.yaml');

  verb
    .command('ls')
    .description('list, for each stage and partition, what is committed and what there is')
    .requiredOption('--topology <file>', 'the topology file')
    .option('--stage <name>', 'only this stage')
    .addHelpText('after', '\nExample: downlink offsets ls --topology topologies/smap.yaml')
    .action(async (options: Options) => {
      done(
        await withStages(options, shell, async (fetcher, _, stages) => {
          const positions = await Promise.all(stages.map((stage) => positionsOf(fetcher, stage)));
          shell.out(positionTable(positions.flat()));
          return 0;
        }),
      );
    });

  verb
    .command('reset')
    .description(
      'set where a stage goes on; without --execute it only says what it would do. The stage must be stopped',
    )
    .requiredOption('--topology <file>', 'the topology file')
    .requiredOption('--stage <name>', 'the stage that is to go on there')
    .requiredOption('--to <place>', 'earliest, latest, an offset, or a time like 2026-01-31T12:00:00Z', place)
    .addOption(repeatedOption('--partition <n>', 'only this partition', 'all', partition))
    .option('--execute', 'set it, and not only say so')
    .addHelpText(
      'after',
      '\nA stage with checkpoints forgets them in the same step: with them, what it reads again would be duplicates.\n' +
        'Example: downlink offsets reset --topology topologies/smap.yaml --stage export --to 2026-01-31T12:00:00Z',
    )
    .action(async ({ to: target, partition: partitions, execute, ...options }: Options) => {
      done(
        await withStages(options, shell, async (fetcher, topology, [stage]) => {
          if (stage === undefined) return 1;
          const doing = execute === true ? reset : planReset;
          const only = partitions.length === 0 ? {} : { partitions };
          const resets = await doing({ fetcher, topology, stage, target, ...only });
          shell.out(resetTable(resets));
          shell.out(execute === true ? 'done\n' : 'nothing was changed; --execute does it\n');
          return 0;
        }),
      );
    });
};

function place(text: string): Target {
  if (text === 'earliest' || text === 'latest') return text;
  if (/^\d+$/.test(text)) return { offset: BigInt(text) };
  const timestamp = Date.parse(text);
  if (!Number.isNaN(timestamp)) return { timestamp };
  throw new InvalidArgumentError('It is earliest, latest, an offset, or a time like 2026-01-31T12:00:00Z.');
}

function partition(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A partition is a number from 0.');
  return Number(text);
}

type Work = (fetcher: Fetcher, topology: Topology, stages: readonly Stage[]) => Promise<ExitCode>;

async function withStages(options: Pick<Options, 'topology' | 'stage'>, shell: Shell, work: Work): Promise<ExitCode> {
  const settings = settingsOrProblems(options.topology, shell);
  if (settings === undefined) return 1;
  const { topology, environment } = settings;
  const stages = topology.stages.filter(
    ({ declaration }) => options.stage === undefined || declaration.name === options.stage,
  );
  if (stages.length === 0) {
    const names = topology.stages.map(({ declaration }) => declaration.name).join(', ');
    shell.err(`${options.topology} has no stage \`${options.stage ?? ''}\`; it has ${names}\n`);
    return 1;
  }
  if (environment.kafka === undefined) {
    shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
    return 1;
  }
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)) });
  try {
    return await work(fetcher, topology, stages);
  } finally {
    await fetcher.close();
  }
}

const committedText = ({ committed }: Position): string => (committed === undefined ? '-' : String(committed));

function positionTable(positions: readonly Position[]): string {
  const rows = positions.map((one) => [
    one.stage,
    one.topic,
    String(one.partition),
    committedText(one),
    String(one.first),
    String(one.end),
    String(one.end - (one.committed ?? one.first)),
  ]);
  return `${aligned([['stage', 'topic', 'partition', 'committed', 'first', 'end', 'lag'], ...rows]).join('\n')}\n`;
}

function resetTable(resets: readonly Reset[]): string {
  const rows = resets.map(({ from, to, forgotten }) => [
    from.topic,
    String(from.partition),
    committedText(from),
    String(to),
    String(from.end - to),
    String(forgotten.length),
  ]);
  const head = ['topic', 'partition', 'from', 'to', 'records to read', 'checkpoints forgotten'];
  return `${aligned([head, ...rows]).join('\n')}\n`;
}
