import { InvalidArgumentError, Option } from 'commander';
import { openAsWritten } from '../avro/as-written.ts';
import { openRegistry } from '../avro/registry.ts';
import { shownTypes } from '../avro/shown-types.ts';
import { closest } from '../config/closest.ts';
import type { Topic, Topology } from '../config/topology.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { partitionCounts } from '../kafka/partition-counts.ts';
import { openFetcher } from '../kafka/reader/fetcher.ts';
import { lastRecords, type Looking } from '../pipeline/inspect/last-records.ts';
import type { Logged } from '../pipeline/inspect/logged.ts';
import { recordAt } from '../pipeline/inspect/record-at.ts';
import { recordJson } from '../pipeline/inspect/record-json.ts';
import { recordText } from '../pipeline/inspect/record-text.ts';
import { shown } from '../pipeline/inspect/shown.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import type { Settings } from '../pipeline/settings.ts';
import { settingsOrProblems } from './load-settings.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly topology: string;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly last: number;
  readonly json?: true;
}

/** Any record of any topic of a topology, to look at. */
export const inspect: Verb = (program, shell, done) => {
  program
    .command('inspect <topic>')
    .description('print records of a topic: headers, and values by the schemas that they were written with')
    .requiredOption('--topology <file>', 'the topology file')
    .option('--partition <n>', 'only this partition', (text) => Number(whole(text)))
    .addOption(new Option('--offset <n>', 'only the record at this offset').argParser(whole).conflicts('last'))
    .option('--last <n>', 'the last so many, by their time', count, 5)
    .option('--json', 'JSON, a line a record, with nothing cut')
    .addHelpText('after', '\nExample: downlink inspect smap-dead-letters --topology topologies/smap.yaml --last 1')
    .action(async (name: string, options: Options) => {
      const settings = settingsOrProblems(options.topology, shell);
      if (settings === undefined) return done(1);
      const topic = topicNamed(settings.topology, name);
      if (typeof topic !== 'string') return done(await inspected(settings, topic, options, shell));
      shell.err(`${topic}\n`);
      return done(2);
    });
};

function whole(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0.');
  return BigInt(text);
}

function count(text: string): number {
  const number = Number(whole(text));
  if (number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

/** As the file calls it or as Kafka does; or what is wrong with the name. */
function topicNamed({ file, topics }: Topology, name: string): Topic | string {
  const found = topics.find((topic) => topic.name === name) ?? topics.find(({ kafkaName }) => kafkaName === name);
  if (found !== undefined) return found;
  const names = topics.map((topic) => topic.name);
  const near = closest(name, names);
  const meant = near === undefined ? '' : `did you mean \`${near}\`? `;
  return `${name}: ${file} has no such topic; ${meant}it has ${names.join(', ')}`;
}

async function inspected(
  { topology, environment }: Settings,
  topic: Topic,
  options: Options,
  shell: Shell,
): Promise<ExitCode> {
  if (environment.kafka === undefined) {
    shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
    return 1;
  }
  const { kafkaName, schemas } = topic;
  const { registry } = environment;
  const reader = registry === undefined ? undefined : openAsWritten(openRegistry(registry, shownTypes));
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(environment.kafka)), corrupt: 'hand out' });
  const note = (line: string): void => shell.err(`${line}\n`);
  try {
    const partitions = (await partitionCounts(fetcher.cluster, [kafkaName])).get(kafkaName);
    if (partitions === undefined) {
      note(`Kafka has no topic ${kafkaName}; \`downlink topics apply ${topology.file}\` makes it`);
      return 1;
    }
    const found = await chosen({ fetcher, note }, kafkaName, partitions, options);
    if ('wrong' in found) {
      note(found.wrong);
      return 2;
    }
    if ('missing' in found) {
      note(found.missing);
      return 1;
    }
    for (const logged of found) {
      const record = await shown(logged, { topic: kafkaName, hasSchemas: schemas.length > 0, reader });
      shell.out(options.json === true ? `${recordJson(record)}\n` : recordText(record));
    }
    if (found.length === 0) note(`${kafkaName} has no committed records`);
    return 0;
  } finally {
    await fetcher.close();
  }
}

type Chosen = readonly Logged[] | { readonly wrong: string } | { readonly missing: string };

async function chosen(looking: Looking, topic: string, partitions: number, options: Options): Promise<Chosen> {
  const { partition, offset, last } = options;
  if (partition !== undefined && partition >= partitions)
    return { wrong: `--partition ${partition}: ${topic} has the partitions 0 to ${partitions - 1}` };
  if (offset === undefined) {
    const all = Array.from({ length: partitions }, (_, one) => one);
    const places = (partition === undefined ? all : [partition]).map((one) => ({ topic, partition: one }));
    return lastRecords(looking, places, last);
  }
  if (partition === undefined && partitions > 1)
    return { wrong: `--offset needs --partition: ${topic} has the partitions 0 to ${partitions - 1}` };
  const found = await recordAt(looking, { topic, partition: partition ?? 0 }, offset);
  return 'missing' in found ? found : [found];
}
