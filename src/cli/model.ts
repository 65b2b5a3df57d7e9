import { InvalidArgumentError, Option } from 'commander';
import { join } from 'node:path';
import type { Scale } from '../contract/model.ts';
import { importModels } from '../models/import-models.ts';
import { modelsIn, readModel, writeModel } from '../models/repository.ts';
import { readTrained } from '../models/trained.ts';
import { aligned } from '../pipeline/aligned.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { checkModels, type CheckOptions } from './model-check.ts';
import type { Verb } from './verb.ts';

interface ImportOptions {
  readonly name?: string;
  readonly fleet?: string;
  readonly prefix: string;
  readonly repository: string;
  readonly threshold?: number;
}

interface RepositoryOptions {
  readonly repository: string;
}

const kinds = ['omnianomaly'];
const repositoryOption = ['--repository <dir>', "a folder in Triton's layout", 'model_repository'] as const;

/** What training hands over, made into what an inference server reads. */
export const model: Verb = (program, shell, done) => {
  const verb = program
    .command('model')
    .description('import trained models, look at them, check what they compute')
    .addHelpText('after', '\nExample: downlink model ls');
  const print = (rows: readonly (readonly string[])[]): void => shell.out(`${aligned(rows).join('\n')}\n`);

  verb
    .command('import <checkpoint...>')
    .description(
      "write models from PyTorch checkpoints; beside each lies its meta.json, and its folder's name is the entity",
    )
    .requiredOption('--kind <kind>', `what was trained: ${kinds.join(', ')}`, kindNamed)
    .option('--name <entity>', 'the name of the entity, where there is one checkpoint')
    .option('--fleet <model>', 'write one more model that holds all of them; its input `entity` chooses')
    .addOption(new Option('--prefix <text>', "what comes before the entity in a model's name").default('', 'nothing'))
    .option(...repositoryOption)
    .option(
      '--threshold <score>',
      'the score above which a sample counts as detected (1.25 x the most in training)',
      positive,
    )
    .addHelpText(
      'after',
      '\nExample: downlink model import trained/*/model.ckpt --kind omnianomaly --prefix smap_ --fleet smap_fleet',
    )
    .action((checkpoints: readonly string[], { name, fleet, prefix, repository, threshold }: ImportOptions) => {
      if (name !== undefined && checkpoints.length > 1) {
        shell.err('--name is for one checkpoint; several are called like their folders\n');
        return done(2);
      }
      const given = {
        ...(name === undefined ? {} : { entity: name }),
        ...(threshold === undefined ? {} : { threshold }),
      };
      const trained = checkpoints.map((checkpoint) => readTrained(checkpoint, given));
      const models = importModels(trained, { prefix, ...(fleet === undefined ? {} : { fleet }) });
      for (const [model, files] of models) writeModel(repository, model, files);
      const entities = countOf(trained.length, 'entity', 'entities');
      shell.out(`${entities}: ${countOf(models.size, 'model', 'models')} written to ${repository}\n`);
    });

  verb
    .command('ls')
    .description('list the models of a repository')
    .option(...repositoryOption)
    .addHelpText('after', '\nExample: downlink model ls --repository /srv/models')
    .action(({ repository: asked }: RepositoryOptions) => {
      const repository = hereOrShipped(asked);
      const rows = modelsIn(repository).map((name) => {
        const { metadata, file } = readModel(repository, name);
        const entities = Object.keys(metadata.entities);
        const scores = metadata.form === 'fleet' ? countOf(entities.length, 'entity', 'entities') : entities.join();
        return [name, metadata.kind, metadata.form, scores, `${metadata.sensors}`, sizeOf(file)];
      });
      if (rows.length > 0) print([['model', 'kind', 'form', 'scores', 'sensors', 'size'], ...rows, []]);
      shell.out(`${countOf(rows.length, 'model', 'models')} in ${repository}\n`);
    });

  verb
    .command('show <name>')
    .description('show one model: its sizes, and the threshold, weights and normalisation of each entity')
    .option(...repositoryOption)
    .addHelpText('after', '\nExample: downlink model show smap_A-1')
    .action((name: string, { repository: asked }: RepositoryOptions) => {
      const repository = hereOrShipped(asked);
      const { metadata, file } = readModel(repository, name);
      print([
        ['model', name],
        ['kind', `${metadata.kind}, ${metadata.form}`],
        ['sensors', `${metadata.sensors}`],
        ['state', metadata.state.join(' x ')],
        ['file', `${join(repository, name, '1', 'model.onnx')}, ${sizeOf(file)}`],
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
      'run models in ONNX Runtime and compare with the same network in float64; all of a repository without names',
    )
    .option(...repositoryOption)
    .option('--golden <file...>', "what PyTorch computed, for the entity that the file's folder is named after")
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

const countOf = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

const sizeOf = (file: Uint8Array): string => `${Math.round(file.length / 1024)} kB`;

const scaleText = (scale: Scale | null, sensor: number): readonly string[] =>
  scale === null ? [] : [`${sensor}: (x - ${scale.min}) / ${scale.range}, within ${scale.clip.join(' to ')}`];
