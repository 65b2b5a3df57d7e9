import { InvalidArgumentError, Option } from 'commander';
import { readerOf } from '../avro/own-types.ts';
import { openRegistry } from '../avro/registry.ts';
import { entitiesNamed, keyOfEntity } from '../config/entities-named.ts';
import type { Entity } from '../config/topology.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { openFetcher } from '../kafka/reader/fetcher.ts';
import type { Place } from '../kafka/reader/offsets.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import type { Settings } from '../pipeline/settings.ts';
import { anomalyJson, anomalyLine } from '../pipeline/tail/anomaly-line.ts';
import { sampleJson, sampleLine, type RecordPlace } from '../pipeline/tail/sample-line.ts';
import { samplesIn } from '../pipeline/tail/samples-in.ts';
import { tailTopics, type Tailed, type Tailing } from '../pipeline/tail/tail-topics.ts';
import { settingsOrProblems } from './load-settings.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly topology: string;
  readonly entity: readonly string[];
  readonly detected?: true;
  readonly json?: true;
  readonly from: Place;
  readonly limit?: number;
}

/** Scores and anomalies while they come, to look at. */
export const tail: Verb = (program, shell, done) => {
  program
    .command('tail')
    .description('print a line for each scored sample and each anomaly that opens or closes, until told to stop')
    .requiredOption('--topology <file>', 'the topology file')
    .addOption(new Option('--entity <names...>', 'only these, as A-1 or SAT-001/A-1').default([], 'all'))
    .option('--detected', 'only samples that were detected, and anomalies')
    .option('--json', 'JSON, a line each')
    .option('--from <place>', 'latest, earliest, or records from a time on, like 2026-01-31T12:00:00Z', place, 'latest')
    .option('--limit <n>', 'end after so many lines', whole)
    .addHelpText(
      'after',
      '\nIt reads what is committed, without a consumer group, and changes nothing.\n' +
        'Example: downlink tail --topology topologies/smap.yaml --entity A-1 --detected',
    )
    .action(async (options: Options) => {
      const settings = settingsOrProblems(options.topology, shell);
      done(settings === undefined ? 1 : await tailOf(settings, options, shell));
    });
};

function place(text: string): Place {
  if (text === 'earliest' || text === 'latest') return text;
  const timestamp = Date.parse(text);
  if (!Number.isNaN(timestamp)) return { timestamp };
  throw new InvalidArgumentError('It is latest, earliest, or a time like 2026-01-31T12:00:00Z.');
}

function whole(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

async function tailOf({ topology, environment }: Settings, options: Options, shell: Shell): Promise<ExitCode> {
  const named = entitiesNamed(topology, options.entity);
  if ('wrong' in named) {
    for (const line of named.wrong) shell.err(`${line}\n`);
    return 2;
  }
  const topics = topology.topics.filter(({ schemas }) => schemas.includes('scores') || schemas.includes('anomaly'));
  if (!topics.some(({ schemas }) => schemas.includes('scores'))) {
    shell.err(`${topology.file} has no topic with the schema \`scores\`\n`);
    return 1;
  }
  if (environment.kafka === undefined || environment.registry === undefined) {
    const lacking = environment.kafka === undefined ? 'DOWNLINK_KAFKA' : 'DOWNLINK_REGISTRY';
    shell.err(`environment: ${lacking}: missing; set it to where the program is\n`);
    return 1;
  }
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
  shell.untilToldToStop().then(stop, stop);
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)), corrupt: 'hand out' });
  const reader = readerOf(openRegistry(environment.registry), ['scores', 'anomaly']);
  try {
    const tailing = tailTopics({
      fetcher,
      reader,
      topics,
      from: options.from,
      show: printer(named.entities, options, shell, stop),
      note: (line) => shell.err(`${line}\n`),
      begun: (partitions) => {
        const names = topics.map(({ kafkaName }) => kafkaName).join(', ');
        if (shell.terminal === true) shell.err(`following ${names}, ${partitions} partitions; ^C ends it\n`);
      },
      signal: stopping.signal,
    });
    // Whatever it waits for: told to stop, it ends.
    await Promise.race([tailing, stopped]);
    return 0;
  } finally {
    stop();
    await fetcher.close();
  }
}

function printer(
  entities: readonly Entity[],
  { entity: names, detected, json, limit = Infinity }: Options,
  shell: Shell,
  stop: () => void,
): Tailing['show'] {
  const sensors = new Map(entities.map((entity) => [keyOfEntity(entity), entity.sensors]));
  const width = Math.max(...[...sensors.keys()].map((key) => key.length), 0);
  const style = { width, colour: shell.screen === true && !shell.env['NO_COLOR'] };
  let printed = 0;

  const linesOf = function* (record: Tailed, own: readonly string[], at: RecordPlace): Generator<string> {
    if ('phase' in record) {
      if (record.phase === 'updated') return;
      yield json === true ? anomalyJson(record, at) : anomalyLine(record, style);
      return;
    }
    for (const sample of samplesIn(record, own)) {
      if (detected === true && !sample.detected) continue;
      yield json === true ? sampleJson(sample, at) : sampleLine(sample, style);
    }
  };
  return (record, at) => {
    const own = sensors.get(`${record.satellite_id}/${record.entity}`);
    // What the fleet no longer has is shown, too, unless something else was asked for.
    if (own === undefined && names.length > 0) return;
    for (const line of linesOf(record, own ?? [], at)) {
      if (printed >= limit) return;
      shell.out(`${line}\n`);
      printed += 1;
      if (printed >= limit) stop();
    }
  };
}
