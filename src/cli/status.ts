import { InvalidArgumentError } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { classify } from '../errors.ts';
import { openStatus, type StatusReader } from '../pipeline/status.ts';
import { statusTable } from '../pipeline/status-table.ts';
import { settingsOrProblems } from './load-settings.ts';
import { repeatedOption } from './repeated-option.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly topology: string;
  readonly watch?: true;
  readonly json?: true;
  readonly metrics: readonly string[];
}

const everyMs = 2_000;
const clearScreen = '\u001b[H\u001b[2J';

export const status: Verb = (program, shell, done) => {
  program
    .command('status')
    .description('show each lane: who has it, how far behind it is, what it refused, how it commits')
    .requiredOption('--topology <file>', 'the topology file')
    .option('--watch', 'again every 2 seconds, until told to stop')
    .option('--json', 'JSON, a line each time')
    .addOption(repeatedOption('--metrics <url>', "a process' /metrics, for what only it knows", 'none', address))
    .addHelpText('after', '\nExample: DOWNLINK_KAFKA=127.0.0.1:9092 downlink status --topology topologies/smap.yaml')
    .action(async (options: Options) => {
      const settings = settingsOrProblems(options.topology, shell);
      if (settings === undefined) return done(1);
      const { topology, environment } = settings;
      if (environment.kafka === undefined) {
        shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
        return done(1);
      }
      const reader = openStatus(topology, environment.kafka, options.metrics);
      try {
        done(await show(reader, options, shell));
      } finally {
        await reader.close();
      }
    });
};

const nothingIsNull = (_: string, value: unknown): unknown => value ?? null;

async function show(reader: StatusReader, { watch, json }: Options, shell: Shell): Promise<ExitCode> {
  const print = async (): Promise<void> => {
    const found = await reader.read();
    const text = json ? `${JSON.stringify(found, nothingIsNull)}\n` : statusTable(found);
    shell.out(watch && !json ? clearScreen + text : text);
  };
  if (!watch) {
    await print();
    return 0;
  }
  const told = new AbortController();
  const stop = shell.untilToldToStop().then(() => told.abort());
  while (!told.signal.aborted) {
    try {
      await print();
    } catch (thrown) {
      const error = classify(thrown);
      if (error.verdict !== 'retry') throw error;
      shell.err(`${error.message}\n`);
    }
    // Told to stop in the middle of the pause: that ends it, and is no failure.
    await Promise.race([stop, delay(everyMs, undefined, { signal: told.signal }).catch(() => undefined)]);
  }
  return 0;
}

function address(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new InvalidArgumentError('An address is like http://127.0.0.1:9400.');
  return url;
}
