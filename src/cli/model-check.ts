import { classify } from '../errors.ts';
import { checkGolden, checkModel, tolerance, type Agreement } from '../models/check.ts';
import { readGolden, type Golden } from '../models/golden.ts';
import { isJobModel, modelsIn, readAnyModel, type StoredModel } from '../models/repository.ts';
import { readJobGolden, type JobGolden } from '../models/series/job-golden.ts';
import { aligned } from '../pipeline/aligned.ts';
import { checkJobModels } from './job-model-check.ts';
import type { ExitCode, Shell } from './verb.ts';

export interface CheckOptions {
  readonly repository: string;
  readonly golden?: readonly string[];
}

/** A line for each model and each golden file; of a model with many entities, the largest differences among them. */
export async function checkModels(
  names: readonly string[],
  { repository, golden: files = [] }: CheckOptions,
  shell: Shell,
): Promise<ExitCode> {
  const all = (names.length > 0 ? names : modelsIn(repository)).map((name) => readAnyModel(repository, name));
  const models = all.flatMap((model) => (isJobModel(model) ? [] : [model]));
  const jobGoldens: JobGolden[] = [];
  const goldens: Golden[] = [];
  for (const file of files) {
    const ofJobs = readJobGolden(file);
    if (ofJobs === undefined) goldens.push(readGolden(file));
    else jobGoldens.push(ofJobs);
  }
  const rows: (readonly string[])[] = [];
  const wrong: string[] = [];
  const add = async (
    model: StoredModel,
    against: string,
    check: () => Promise<readonly Agreement[]>,
  ): Promise<void> => {
    try {
      const agreements = await check();
      rows.push(row(model.name, against, agreements));
      for (const { entity, agrees } of agreements) if (!agrees) wrong.push(`${model.name}: ${entity} does not agree`);
    } catch (thrown) {
      rows.push([model.name, against, '', '', '', '', '', 'no']);
      wrong.push(classify(thrown).detail);
    }
  };
  for (const model of models) {
    await add(model, 'float64', () => checkModel(model));
    for (const golden of goldens.filter(({ entity }) => entity in model.metadata.entities)) {
      await add(model, `golden ${golden.entity}`, async () => [await checkGolden(model, golden)]);
    }
  }
  for (const { entity } of goldens.filter((golden) => !models.some(has(golden)))) {
    wrong.push(`golden ${entity}: no model that was checked has this entity`);
  }
  const head = ['model', 'against', 'entities', 'samples', 'reconstruction', 'score', 'state', 'agrees'];
  if (rows.length > 0) {
    shell.out(`${aligned([head, ...rows]).join('\n')}\n\n`);
    shell.out(`${rows.length} comparisons, differences up to ${tolerance} agree\n`);
  }
  wrong.push(...(await checkJobModels(all.filter(isJobModel), jobGoldens, shell)));
  if (wrong.length > 0) shell.err(`${wrong.join('\n')}\n`);
  return wrong.length > 0 ? 1 : 0;
}

const has =
  ({ entity }: Golden) =>
  ({ metadata }: StoredModel): boolean =>
    entity in metadata.entities;

function row(model: string, against: string, agreements: readonly Agreement[]): readonly string[] {
  const most = (of: (agreement: Agreement) => number): string => Math.max(...agreements.map(of)).toExponential(1);
  return [
    model,
    against,
    `${agreements.length}`,
    `${agreements.reduce((sum, { samples }) => sum + samples, 0)}`,
    most(({ reconstruction }) => reconstruction),
    most(({ score }) => score),
    most(({ state }) => state),
    agreements.every(({ agrees }) => agrees) ? 'yes' : 'no',
  ];
}
