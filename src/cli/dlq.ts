import type { Command } from 'commander';
import { readerOf } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import type { Topology } from '../config/topology.ts';
import { classify } from '../errors.ts';
import { aligned } from '../pipeline/aligned.ts';
import { chosen, readLetters, type Letter, type LetterFilter } from '../pipeline/letters.ts';
import { planRedrive, redrive, type Redriven } from '../pipeline/redrive.ts';
import { time } from './time.ts';
import type { Verb } from './verb.ts';
import { withKafkaAndRegistry } from './with-kafka-and-registry.ts';

interface Options {
  readonly topology: string;
  readonly code?: string;
  readonly stage?: string;
  readonly entity?: string;
  readonly since?: number;
  readonly until?: number;
  readonly all?: true;
  readonly dryRun?: true;
}

/** Records that were refused: to look at, and to put back once what was wrong is mended. */
export const dlq: Verb = (program, shell, done) => {
  const verb = program
    .command('dlq')
    .description('look at the dead letters of a topology, and put them back')
    .addHelpText('after', '\nExample: downlink dlq ls --topology topologies/smap.yaml');

  withFilters(verb.command('ls').description('list dead letters; those that were put back only with --all'))
    .option('--all', 'also those that were put back')
    .addHelpText('after', '\nExample: downlink dlq ls --topology topologies/smap.yaml --code record-corrupt')
    .action(async (options: Options) => {
      done(
        await withKafkaAndRegistry(options.topology, shell, async ({ fetcher, topology }) => {
          const letters = chosen(await readLetters(fetcher, topology), options);
          const shown = letters.filter(({ redriven }) => options.all === true || !redriven);
          shell.out(letterTable(shown));
          return 0;
        }),
      );
    });

  verb
    .command('show <id>')
    .description('show one dead letter: why it was refused, where it came from, and what it holds')
    .requiredOption('--topology <file>', 'the topology file')
    .addHelpText('after', '\nExample: downlink dlq show 0:42 --topology topologies/smap.yaml')
    .action(async (id: string, options: Options) => {
      done(
        await withKafkaAndRegistry(options.topology, shell, async ({ fetcher, topology, registry }) => {
          for (const letter of chosen(await readLetters(fetcher, topology), { ids: [id] })) {
            shell.out(`${await described(letter, topology, registry)}\n`);
          }
          return 0;
        }),
      );
    });

  withFilters(verb.command('redrive [ids...]').description('put the original records back, each at most once'))
    .option('--dry-run', 'only say what it would do')
    .addHelpText(
      'after',
      '\nExample: downlink dlq redrive --topology topologies/smap.yaml --entity SAT-001/A-1 --dry-run',
    )
    .action(async (ids: readonly string[], options: Options) => {
      done(
        await withKafkaAndRegistry(options.topology, shell, async (tools) => {
          const filter: LetterFilter = ids.length === 0 ? options : { ...options, ids };
          const doing = options.dryRun === true ? planRedrive : redrive;
          shell.out(report(await doing({ ...tools, filter }), options.dryRun === true));
          return 0;
        }),
      );
    });
};

const withFilters = (command: Command): Command =>
  command
    .requiredOption('--topology <file>', 'the topology file')
    .option('--code <code>', 'only those refused with this code')
    .option('--stage <name>', 'only those that this stage refused')
    .option('--entity <key>', 'only those of this entity, as satellite/entity')
    .option('--since <time>', 'only records from this time on, like 2026-01-31T12:00:00Z', time)
    .option('--until <time>', 'only records before this time', time);

const day = (at: number): string => new Date(at).toISOString();

function letterTable(letters: readonly Letter[]): string {
  const rows = letters.map(({ id, code, stage, key, timestamp, origin, samples, detail, redriven }) => [
    id,
    day(timestamp),
    code,
    stage,
    key ?? '-',
    `${origin.topic} ${origin.partition}:${origin.offset}`,
    samples === undefined ? '-' : String(samples.length),
    redriven ? 'put back' : detail.slice(0, 80),
  ]);
  const head = ['letter', 'time', 'code', 'stage', 'key', 'from', 'samples', 'detail'];
  const lines = rows.length === 0 ? [] : aligned([head, ...rows]);
  return [...lines, `${letters.length} dead letters`, ''].join('\n');
}

async function described(letter: Letter, topology: Topology, registry: Registry): Promise<string> {
  const { record, origin, timestamp, samples, ...rest } = letter;
  const said = {
    ...rest,
    origin: `${origin.topic} ${origin.partition}:${origin.offset}`,
    timestamp: day(timestamp),
    ...(samples === undefined ? {} : { samples }),
    headers: Object.fromEntries(record.headers.map(([name, value]) => [name, value === null ? null : String(value)])),
    bytes: record.value === null ? null : record.value.toString('hex'),
    value: await valueOf(letter, topology, registry),
  };
  return JSON.stringify(said, (_, value: unknown) => (value instanceof Float32Array ? [...value] : value), 2);
}

async function valueOf({ record, origin }: Letter, topology: Topology, registry: Registry): Promise<unknown> {
  const schemas = topology.topics.find(({ kafkaName }) => kafkaName === origin.topic)?.schemas ?? [];
  if (record.value === null || schemas.length === 0) return null;
  try {
    return await readerOf(registry, schemas).decode(record.value);
  } catch (thrown) {
    return `unreadable: ${classify(thrown).message}`;
  }
}

function report({ letters, before, overtaken }: Redriven, dry: boolean): string {
  const parts = letters.filter(({ samples }) => samples !== undefined);
  const refused = parts.reduce((sum, { samples }) => sum + (samples?.length ?? 0), 0);
  const lines = [
    `${letters.length} dead letters ${dry ? 'would be' : 'were'} put back${before > 0 ? `; ${before} were before, and are left out` : ''}`,
    ...(parts.length > 0
      ? [`${parts.length} of them are blocks, of which only the ${refused} refused samples go back`]
      : []),
    ...(overtaken.length > 0
      ? [
          `${overtaken.length} have newer records of their key behind them: where order counts they are late now, and`,
          'become dead letters again, unless the stage drops what is late',
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}
