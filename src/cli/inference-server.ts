import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { IndexRow } from '../embedded/inference-server/repository/repository.ts';
import { startInferenceServer, type RunningInferenceServer } from '../embedded/inference-server/server.ts';
import { defaults } from '../embedded/inference-server/settings.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { isListenError, portNumber, sayCannotListen } from './listening.ts';
import { repeatedOption } from './repeated-option.ts';
import { sayReady } from './say-ready.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

interface Options {
  readonly modelRepository: string;
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  readonly workers: number;
  readonly maxSessionBytes: number;
  readonly modelControlMode: 'none' | 'explicit';
  readonly loadModel: readonly string[];
  readonly exitOnError: boolean;
  readonly strictReadiness: boolean;
  readonly exitTimeoutSecs: number;
}

const atLeast =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least) throw new InvalidArgumentError(`It is a whole number from ${least} on.`);
    return number;
  };

function yesOrNo(text: string): boolean {
  if (/^(true|1|on)$/i.test(text)) return true;
  if (/^(false|0|off)$/i.test(text)) return false;
  throw new InvalidArgumentError('It is true or false.');
}

export const inferenceServer: Verb = (program, shell, done) => {
  program
    .command('inference-server')
    .description('serve the models of a repository over KServe v2, as Triton does, on the CPU, until told to stop')
    .option('--model-repository <folder>', "the folder of the models, in Triton's layout", 'model_repository')
    .option('--host <address>', 'the address to listen on', defaults.host)
    .option('--grpc-port <n>', 'the port for gRPC; 0 takes one that is free', portNumber, defaults.grpcPort)
    .option('--http-port <n>', 'the port for HTTP; 0 takes one that is free', portNumber, defaults.httpPort)
    .option('--metrics-port <n>', 'the port for /metrics; 0 takes one that is free', portNumber, defaults.metricsPort)
    .option('--workers <n>', 'threads that run models', atLeast(1), defaults.workers)
    .option('--max-session-bytes <n>', 'bytes of models kept loaded', atLeast(0), defaults.maxSessionBytes)
    .addOption(
      new Option('--model-control-mode <mode>', 'which models are served: all, or those that are named')
        .choices(['none', 'explicit'])
        .default(defaults.control),
    )
    .addOption(repeatedOption('--load-model <name>', 'load this model at start, in explicit mode; * for all', 'none'))
    .option('--exit-on-error <yes>', 'stop when a model can not be loaded at start', yesOrNo, defaults.exitOnError)
    .option('--strict-readiness <yes>', 'be ready only when all models are', yesOrNo, defaults.strictReadiness)
    .option('--exit-timeout-secs <n>', 'how long sequences may take to end', atLeast(0), defaults.exitTimeoutMs / 1000)
    .addHelpText('after', '\nExample: downlink inference-server --model-repository model_repository --workers 2')
    .action(async (options: Options) => done(await serve(options, shell)));
};

async function serve(options: Options, shell: Shell): Promise<ExitCode> {
  const { host, grpcPort, httpPort, metricsPort, workers, maxSessionBytes, exitOnError, strictReadiness } = options;
  const repository = resolve(hereOrShipped(options.modelRepository));
  let running: RunningInferenceServer;
  try {
    running = await startInferenceServer({
      repository,
      host,
      grpcPort,
      httpPort,
      metricsPort,
      workers,
      maxSessionBytes,
      control: options.modelControlMode,
      load: options.loadModel,
      exitOnError,
      strictReadiness,
      exitTimeoutMs: options.exitTimeoutSecs * 1000,
      warn: (text) => {
        shell.err(`${text}\n`);
      },
    });
  } catch (error) {
    if (!isListenError(error)) throw error;
    sayCannotListen(shell, host, error);
    return 1;
  }
  const at = (port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const addresses = `gRPC ${at(running.grpcPort)}, HTTP ${at(running.httpPort)}, metrics ${at(running.metricsPort)}`;
  shell.out(`inference server on ${addresses}; models of ${repository}\n`);
  const told = shell.untilToldToStop();
  try {
    // Told to stop while it still loads, it does not go on loading.
    const loaded = await Promise.race([running.loaded, told.then(() => undefined)]);
    if (loaded !== undefined) sayReady(shell, `${shown(loaded)}\nready`, { triton: at(running.grpcPort) });
  } catch (error) {
    shell.err(`error: creating server: Internal - ${error instanceof Error ? error.message : String(error)}\n`);
    await running.kill();
    return 1;
  }
  await told;
  return (await running.stop()) ? 0 : 1;
}

const mostLines = 20;

/** Those that serve in one line each, or counted where they are many; those that do not, always by name. */
function shown(rows: readonly IndexRow[]): string {
  const line = ({ name, version = '-', state = 'not loaded', reason = '' }: IndexRow): string =>
    `  ${name} ${version} ${state}${reason === '' ? '' : `: ${reason}`}`;
  const ready = rows.filter(({ state }) => state === 'READY');
  // What nobody asked for is not worth a line.
  const others = rows.filter(({ state }) => state !== undefined && state !== 'READY');
  const good = ready.length > mostLines ? [`  ${ready.length} models READY`] : ready.map(line);
  return [...good, ...others.map(line)].join('\n') || '  no models';
}
