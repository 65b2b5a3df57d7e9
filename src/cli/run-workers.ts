import { DownlinkError } from '../errors.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { openLeaving } from '../pipeline/leaving.ts';
import { supervise } from '../pipeline/supervise.ts';
import { openLog } from '../telemetry/log.ts';
import type { What } from './run-here.ts';
import type { ExitCode, Shell } from './verb.ts';

export interface RunOptions {
  readonly topology: string;
  readonly stage: readonly string[];
  readonly onlyModel: readonly string[];
  readonly workers: number;
  readonly port: number;
  readonly host: string;
  readonly models: string;
  readonly verbose?: true;
  /** Which of several workers this process is. */
  readonly worker?: number;
}

/** A little more than each worker gives itself. */
const stopWithinMs = 9_500;

/** Worker processes, each with all the stages, until this one is told to stop or none of them can go on. */
export async function runInWorkers({ settings, stages }: What, options: RunOptions, shell: Shell): Promise<ExitCode> {
  const { kafka } = settings.environment;
  if (kafka === undefined)
    throw new DownlinkError(
      'config-invalid',
      'environment: DOWNLINK_KAFKA: missing; set it to the addresses of brokers',
    );
  const { again } = shell;
  if (again === undefined) throw new TypeError('this shell starts no processes');
  const { topology, stage, onlyModel, workers, port, host, models, verbose } = options;
  const shared = [
    ...['run', '--topology', topology, '--host', host, '--models', models],
    ...stage.flatMap((name) => ['--stage', name]),
    ...onlyModel.flatMap((name) => ['--only-model', name]),
    ...(verbose ? ['--verbose'] : []),
  ];
  const argsOf = (worker: number) => {
    return [...shared, '--worker', String(worker), '--port', String(port === 0 ? 0 : port + worker)];
  };
  const leaving = openLeaving(
    kafkaAddressOf(kafka),
    stages.map(({ group }) => group),
  );
  const running = supervise({
    workers,
    leave: (clientId) => leaving.leave(clientId),
    start: (worker) => again(argsOf(worker)),
    emit: openLog({ write: shell.err, terminal: shell.terminal === true }),
    onReady: (worker, { text }) => shell.out(`worker ${worker}: running ${text}\n`),
  });
  const given = await Promise.race([shell.untilToldToStop().then(() => false), running.given.then(() => true)]);
  const well = await running.stop(stopWithinMs);
  await leaving.close();
  return well && !given ? 0 : 1;
}
