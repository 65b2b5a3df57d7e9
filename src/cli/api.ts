import { InvalidArgumentError, Option } from 'commander';
import { makeKey, scopes, type Scope } from '../api/keys.ts';
import { serveApi, type ServeOptions } from './api/serve.ts';
import { portNumber } from './listening.ts';
import { repeatedOption } from './repeated-option.ts';
import type { Verb } from './verb.ts';

interface KeyOptions {
  readonly name: string;
  readonly scope: readonly Scope[];
  readonly until?: string;
}

/** The edge: jobs in, results out, and what the topics say. */
export const api: Verb = (program, shell, done) => {
  const verb = program
    .command('api')
    .description('serve jobs, results, scores and anomalies over REST and WebSocket, until told to stop')
    .addOption(repeatedOption('--topology <file>', 'a topology whose topics it shows', 'timeseries and smap'))
    .option('--port <n>', 'the port to listen on; 0 takes one that is free', portNumber, 8080)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--models <dir>', 'the model repository, for what downlink knows of models', 'model_repository')
    .addOption(repeatedOption('--origin <origin>', 'pages from there may use it, like https://ops.example.org', 'none'))
    .option('--with-stages', 'also run the stages that answer jobs, in this process')
    .option('--behind-proxy', 'take the word of a proxy on who asks')
    .option('--requests-per-minute <n>', 'that are taken of one key', whole, 300_000)
    .option('--metrics-host <address>', 'the address to listen on for /metrics, /live and /ready', '127.0.0.1')
    .option('--metrics-port <n>', 'of /metrics, /live and /ready; 0 takes one that is free', portNumber, 0)
    .addHelpText(
      'after',
      '\nKeys come from DOWNLINK_API_KEYS_FILE or DOWNLINK_API_KEYS. Without them it listens on loopback only, and asks nobody.\n' +
        'Example: downlink api --port 8080',
    )
    .action(async (options: ServeOptions) => done(await serveApi(options, shell)));

  verb
    .command('key')
    .description('make a key: it is shown once; the line is what DOWNLINK_API_KEYS_FILE gets')
    .requiredOption('--name <name>', 'whose it is; jobs belong to names')
    .addOption(
      new Option('--scope <scopes...>', 'what it may')
        .choices(scopes)
        .default(['submit', 'read'] satisfies readonly Scope[], 'submit read'),
    )
    .option('--until <time>', 'when it ends, like 2027-01-31', time)
    .addHelpText('after', '\nExample: downlink api key --name console --scope read --until 2027-01-31')
    .action(({ name, scope, until }: KeyOptions) => {
      const { key, line } = makeKey(name, scope, until);
      shell.out(`${key}\n`);
      shell.err(`keep it: it is not shown again. The line for DOWNLINK_API_KEYS_FILE:\n${line}\n`);
    });
};

function whole(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

function time(text: string): string {
  if (!Number.isNaN(Date.parse(text)) && !/\s/.test(text)) return text;
  throw new InvalidArgumentError('It is a time like 2027-01-31 or 2027-01-31T12:00:00Z.');
}
