import { importModels } from '../models/import-models.ts';
import { refused } from '../models/refused.ts';
import { writeModel } from '../models/repository.ts';
import { importOnnx } from '../models/series/import-onnx.ts';
import { jobModelFiles } from '../models/series/job-model-files.ts';
import { isSeriesKind, readTrainedSeries, seriesKinds, type SeriesKind } from '../models/series/trained-series.ts';
import { readTrained } from '../models/trained.ts';
import { countOf } from './count-of.ts';
import type { ExitCode, Shell } from './verb.ts';

export interface ImportOptions {
  readonly kind?: string;
  readonly onnx?: string;
  readonly output?: string;
  readonly tensorrt?: boolean;
  readonly name?: string;
  readonly fleet?: string;
  readonly prefix?: string;
  readonly repository: string;
  readonly threshold?: number;
}

export const kinds = ['omnianomaly', ...seriesKinds];

/** Checkpoints of one kind, or one ONNX file. */
export async function importInto(
  checkpoints: readonly string[],
  options: ImportOptions,
  shell: Shell,
): Promise<ExitCode> {
  const mistake = mistakeIn(checkpoints, options);
  if (mistake !== undefined) {
    shell.err(`${mistake}\n`);
    return 2;
  }
  const { kind = '', onnx } = options;
  if (onnx !== undefined) await importFile(onnx, options, shell);
  else if (isSeriesKind(kind)) importSeries(checkpoints, kind, options, shell);
  else importEntities(checkpoints, options, shell);
  return 0;
}

/** What the command line asks for and cannot be done together. */
function mistakeIn(checkpoints: readonly string[], options: ImportOptions): string | undefined {
  const { kind, onnx, name } = options;
  const given = (...keys: readonly (keyof ImportOptions)[]): readonly string[] =>
    keys.filter((key) => options[key] !== undefined).map((key) => `--${key}`);
  const useless = (keys: readonly string[], where: string): string | undefined =>
    keys.length > 0 ? `${keys.join(', ')}: of no use ${where}` : undefined;
  if (onnx !== undefined) {
    if (checkpoints.length > 0) return 'either checkpoints are imported, or the file that --onnx names';
    if (name === undefined) return '--onnx needs --name: what the model is to be called';
    return useless(given('kind', 'fleet', 'prefix', 'threshold'), 'with --onnx');
  }
  if (checkpoints.length === 0) return 'there is nothing to import: name checkpoints, or a file with --onnx';
  if (kind === undefined) return `checkpoints need --kind: ${kinds.join(', ')}`;
  if (name !== undefined && checkpoints.length > 1) {
    return '--name is for one checkpoint; several are called like their folders';
  }
  const only = useless(given('output', 'tensorrt'), 'without --onnx');
  return (
    only ?? (isSeriesKind(kind) ? useless(given('fleet', 'prefix', 'threshold'), `with --kind ${kind}`) : undefined)
  );
}

function importEntities(
  checkpoints: readonly string[],
  { name, threshold, fleet, prefix = '', repository }: ImportOptions,
  shell: Shell,
): void {
  const given = {
    ...(name === undefined ? {} : { entity: name }),
    ...(threshold === undefined ? {} : { threshold }),
  };
  const trained = checkpoints.map((checkpoint) => readTrained(checkpoint, given));
  const models = importModels(trained, { prefix, ...(fleet === undefined ? {} : { fleet }) });
  for (const [model, files] of models) writeModel(repository, model, files);
  const entities = countOf(trained.length, 'entity', 'entities');
  shell.out(`${entities}: ${countOf(models.size, 'model', 'models')} written to ${repository}\n`);
}

function importSeries(
  checkpoints: readonly string[],
  kind: SeriesKind,
  { name, repository }: ImportOptions,
  shell: Shell,
): void {
  const models = checkpoints.map((checkpoint) => {
    const trained = readTrainedSeries(checkpoint, kind);
    const called = name ?? trained.name;
    return { called, files: jobModelFiles(called, trained.model) };
  });
  const twice = models.find(({ called }, at) => models.some((other, before) => before < at && other.called === called));
  if (twice !== undefined) throw refused(`two checkpoints of the model ${twice.called}`);
  for (const { called, files } of models) {
    writeModel(repository, called, files);
    shell.out(`${called}: written to ${repository}\n`);
  }
}

async function importFile(
  file: string,
  { name = '', output, tensorrt = false, repository }: ImportOptions,
  shell: Shell,
): Promise<void> {
  const asked = { tensorrt, ...(output === undefined ? {} : { output }) };
  const { model, trial } = await importOnnx(file, asked);
  writeModel(repository, name, jobModelFiles(name, model));
  const { least, most, answered } = trial;
  const { datatype, shape, first } = answered;
  const numbers = first.map((number) => number.toPrecision(4)).join(', ');
  const lengths = least === most ? countOf(most, 'number', 'numbers') : `${least} to ${most} numbers`;
  shell.out(`${name}: written to ${repository}; it takes ${lengths}\n`);
  shell.out(
    `tried with ${most}: it answered ${model.outputs[0]?.name ?? ''}, ${datatype} [${shape.join(', ')}], which begins with ${numbers}\n`,
  );
  if (tensorrt) shell.out('for Triton with a GPU: the embedded inference server refuses what asks for TensorRT\n');
}
