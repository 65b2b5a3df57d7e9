import { mkdirSync } from 'node:fs';
import { lockFolder } from '../embedded/broker/folder-lock.ts';
import { modelFolder } from '../pipeline/inference-of.ts';
import { portNumber } from './listening.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { printProblems } from './load-settings.ts';
import { loadTopology } from '../pipeline/topology-file.ts';
import { runUp, type UpOptions } from './up/run-up.ts';
import type { Verb } from './verb.ts';

/** Everything on this machine, in one command. */
export const up: Verb = (program, shell, done) => {
  program
    .command('up')
    .description('run a whole pipeline on this machine, with made-up telemetry to look at, until told to stop')
    .option('--topology <file>', 'the topology file', 'topologies/smap.yaml')
    .option('--models <dir>', 'the model repository', modelFolder)
    .option('--folder <dir>', 'where the data lie; the next start goes on with them', '.downlink')
    .option('--no-demo', 'no made-up telemetry: only what is published')
    .option('--jobs <file>', 'the topology that answers jobs', 'topologies/timeseries.yaml')
    .option('--no-jobs', 'no jobs, and no API')
    .option('--kafka <brokers>', 'these Kafka brokers instead of the embedded one, host:port with commas between')
    .option('--registry <url>', 'this schema registry instead of the embedded one')
    .option('--triton <address>', 'this inference server instead of the embedded one, host:port of its gRPC')
    .option('--victoria <url>', 'export to this VictoriaMetrics; without it the newest values stand in /metrics')
    .option('--kafka-port <n>', 'of the embedded broker; 0 takes one that is free', portNumber, 0)
    .option('--registry-port <n>', 'of the embedded registry; 0 takes one that is free', portNumber, 0)
    .option('--triton-port <n>', 'of the embedded inference server, for gRPC; 0 takes one that is free', portNumber, 0)
    .option('--metrics-port <n>', 'of /metrics, /live and /ready; 0 takes one that is free', portNumber, 0)
    .option('--api-port <n>', 'of the API; 0 takes one that is free', portNumber, 0)
    .addHelpText(
      'after',
      '\nWhat opens a program that is elsewhere (names, passwords, certificates) comes from the environment, as with `downlink run`.\n' +
        'Example: downlink up --folder ./data --kafka-port 9092',
    )
    .action(async (options: Omit<UpOptions, 'topologyName'> & { topology: string; jobs: string | false }) => {
      const { topology, problems = [] } = loadTopology(hereOrShipped(options.topology));
      const ofJobs = options.jobs === false ? { problems: [] } : loadTopology(hereOrShipped(options.jobs));
      const wrong = [...problems, ...(ofJobs.problems ?? [])];
      if (topology === undefined || wrong.length > 0) {
        printProblems(wrong, shell);
        return done(1);
      }
      mkdirSync(options.folder, { recursive: true });
      const unlock = lockFolder(options.folder, 'downlink up');
      try {
        done(await runUp({ ...options, topology, jobs: ofJobs.topology, topologyName: options.topology }, shell));
      } finally {
        unlock();
      }
    });
};
