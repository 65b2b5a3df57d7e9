import { InvalidArgumentError } from 'commander';
import { join } from 'node:path';
import type { Scale } from '../contract/model.ts';
import { isJobModel, modelsIn, readAnyModel } from '../models/repository.ts';
import { aligned } from '../pipeline/aligned.ts';
import { countOf } from './count-of.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { jobModelDetails, jobModelRow } from './job-model-rows.ts';
import { checkModels, type CheckOptions } from './model-check.ts';
import { importInto, kinds, type ImportOptions } from './model-import.ts';
import type { Verb } from './verb.ts';

interface RepositoryOptions {
  readonly repository: string;
}

const repositoryOption = ['--repository <dir>', "a folder in Triton's layout", 'model_repository'] as const;

/** What training hands over, made into what an inference server reads. */
export const model: Verb = (program, shell, done) => {
  const verb = program
    .command('model')
    .description('import trained models, look at them, check what they compute')
    .addHelpText('after', '\nExample: downlink model ls');
  const print = (rows: readonly (readonly string[])[]): void => shell.out(`${aligned(rows).join('\n')}\n`);

  verb
    .command('import [checkpoint...]')
    .description(
      'write models from PyTorch checkpoints, or one from any ONNX file; ' +
        "beside each checkpoint lies its meta.json, and its folder's name is that of the entity or model",
    )
    .option('--kind <kind>', `what was trained: ${kinds.join(', ')}`, kindNamed)
    .option('--name <name>', 'the name of the entity or model, where there is one checkpoint or file')
    .option('--fleet <model>', 'write one more model that holds all entities; its input `entity` chooses')
    .option('--prefix <text>', "what comes before the entity in a model's name (nothing)")
    .option(...repositoryOption)
    .option(
      '--threshold <score>',
      'the score above which a sample counts as detected (1.25 x the most in training)',
      positive,
    )
    .option('--onnx <file>', 'a model of any making: one input, a batch, and numbers in and out')
    .option('--output <name>', 'which of its outputs is the answer (the first)')
    .option('--tensorrt', 'ask Triton to run it by TensorRT, on a GPU')
    .addHelpText(
      'after',
      '\nExample: downlink model import trained/*/model.ckpt --kind omnianomaly --prefix smap_ --fleet smap_fleet' +
        '\n         downlink model import trained/lstm_timeseries/model.ckpt --kind lstm' +
        '\n         downlink model import --onnx exported.onnx --name my_model',
    )
    .action(async (checkpoints: readonly string[], options: ImportOptions) =>
      done(await importInto(checkpoints, options, shell)),
    );

  verb
    .command('ls')
    .description('list the models of a repository')
    .option(...repositoryOption)
    .addHelpText('after', '\nExample: downlink model ls --repository /srv/models')
    .action(({ repository: asked }: RepositoryOptions) => {
      const repository = hereOrShipped(asked);
      const rows = modelsIn(repository).map((name) => {
        const model = readAnyModel(repository, name);
        if (isJobModel(model)) return [...jobModelRow(model), sizeOf(model.file)];
        const { metadata, file } = model;
        const entities = Object.keys(metadata.entities);
        const scores = metadata.form === 'fleet' ? countOf(entities.length, 'entity', 'entities') : entities.join();
        return [name, metadata.kind, metadata.form, scores, `${metadata.sensors}`, sizeOf(file)];
      });
      if (rows.length > 0) print([['model', 'kind', 'form', 'scores', 'sensors', 'size'], ...rows, []]);
      shell.out(`${countOf(rows.length, 'model', 'models')} in ${repository}\n`);
    });

  verb
    .command('show <name>')
    .description(
      'show one model: its sizes, and of each entity threshold, weights and normalisation, or what a job may be',
    )
    .option(...repositoryOption)
    .addHelpText('after', '\nExample: downlink model show smap_A-1')
    .action((name: string, { repository: asked }: RepositoryOptions) => {
      const repository = hereOrShipped(asked);
      const model = readAnyModel(repository, name);
      const file = ['file', `${join(repository, name, '1', 'model.onnx')}, ${sizeOf(model.file)}`];
      if (isJobModel(model)) return print([...jobModelDetails(model), file]);
      const { metadata } = model;
      print([
        ['model', name],
        ['kind', `${metadata.kind}, ${metadata.form}`],
        ['sensors', `${metadata.sensors}`],
        ['state', metadata.state.join(' x ')],
        file,
        [],
      ]);
      const rows = Object.entries(metadata.entities).map(([entity, { index, threshold, weights, normalisation }]) => [
        entity,
        `${index}`,
        threshold.toPrecision(4),
        weights.slice(0, 12),
        normalisation.flatMap(scaleText).join('; ') || 'as they are',
      ]);
      print([['entity', 'index', 'threshold', 'weights', 'sensors are scaled'], ...rows]);
    });

  verb
    .command('check [name...]')
    .description(
      'run models in ONNX Runtime: those of telemetry against the same network in float64, those of jobs on made-up series; ' +
        'all of a repository without names',
    )
    .option(...repositoryOption)
    .option(
      '--golden <file...>',
      "what PyTorch computed, for the entity that the file's folder is named after, or the model it names",
    )
    .addHelpText('after', '\nExample: downlink model check smap_A-1 smap_fleet --golden trained/A-1/golden.json')
    .action(async (names: readonly string[], options: CheckOptions) =>
      done(await checkModels(names, { ...options, repository: hereOrShipped(options.repository) }, shell)),
    );
};

const kindNamed = (text: string): string => {
  if (kinds.includes(text)) return text;
  throw new InvalidArgumentError(`There is ${kinds.join(', ')}.`);
};

const positive = (text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
};

const sizeOf = (file: Uint8Array): string => `${Math.round(file.length / 1024)} kB`;

const scaleText = (scale: Scale | null, sensor: number): readonly string[] =>
  scale === null ? [] : [`${sensor}: (x - ${scale.min}) / ${scale.range}, within ${scale.clip.join(' to ')}`];
