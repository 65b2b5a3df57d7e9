import { InvalidArgumentError, Option } from 'commander';
import { declarations } from '../pipeline/declarations.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { settingsOrProblems } from './load-settings.ts';
import { portNumber } from './listening.ts';
import { repeatedOption } from './repeated-option.ts';
import { runInThisProcess } from './run-here.ts';
import { runInWorkers, type RunOptions } from './run-workers.ts';
import { stagesNamed, stagesOfModels } from './stages-named.ts';
import type { Verb } from './verb.ts';

export const runTopologyVerb: Verb = (program, shell, done) => {
  program
    .command('run')
    .description('run stages of a topology until told to stop; then finish what is begun, commit, and leave')
    .requiredOption('--topology <file>', 'the topology file')
    .addOption(repeatedOption('--stage <name>', 'only this stage', 'all'))
    .addOption(repeatedOption('--only-model <name>', 'only the instances that this model has for itself', 'all'))
    .option('--workers <n>', 'so many processes, each with all the stages, under a supervisor', workerNumber, 1)
    .option(
      '--port <n>',
      'for /metrics, /live and /ready; worker i takes port + i; 0 takes free ones',
      portNumber,
      9400,
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--models <dir>',
      'the model repository of the inference server, for what downlink knows of models',
      'model_repository',
    )
    .option('--verbose', 'also log generations, and lanes that open and close')
    .addOption(new Option('--worker <i>').argParser(Number).hideHelp())
    .addHelpText('after', '\nExample: DOWNLINK_KAFKA=127.0.0.1:9092 downlink run --topology topologies/smap.yaml')
    .action(async (options: RunOptions) => {
      const settings = settingsOrProblems(options.topology, shell);
      if (settings === undefined) return done(1);
      const { topology } = settings;
      const named =
        options.onlyModel.length > 0
          ? stagesOfModels(topology, options.onlyModel)
          : stagesNamed(topology, options.stage);
      if ('wrong' in named) {
        for (const line of named.wrong) shell.err(`${line}\n`);
        return done(2);
      }
      const what = { settings, stages: named.stages, definitions: declarations, models: hereOrShipped(options.models) };
      done(
        options.workers > 1 ? await runInWorkers(what, options, shell) : await runInThisProcess(what, options, shell),
      );
    });
};

function workerNumber(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > 256)
    throw new InvalidArgumentError('Workers are a number from 1 to 256.');
  return workers;
}
