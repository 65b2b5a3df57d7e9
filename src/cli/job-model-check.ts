import { classify } from '../errors.ts';
import type { StoredJobModel } from '../models/repository.ts';
import { checkJobGolden, checkJobModel, jobTolerance, type JobAgreement } from '../models/series/check-job-model.ts';
import type { JobGolden } from '../models/series/job-golden.ts';
import { aligned } from '../pipeline/aligned.ts';
import type { Shell } from './verb.ts';

/** A line for each model and each golden file of it; answers what is wrong. */
export async function checkJobModels(
  models: readonly StoredJobModel[],
  goldens: readonly JobGolden[],
  shell: Shell,
): Promise<readonly string[]> {
  const rows: (readonly string[])[] = [];
  const wrong: string[] = [];
  const add = async (name: string, against: string, check: () => Promise<JobAgreement>): Promise<void> => {
    try {
      const { series, difference, agrees } = await check();
      rows.push([name, against, `${series}`, difference?.toExponential(1) ?? '-', agrees ? 'yes' : 'no']);
      if (!agrees) wrong.push(`${name}: does not agree with ${against}`);
    } catch (thrown) {
      rows.push([name, against, '', '', 'no']);
      wrong.push(classify(thrown).detail);
    }
  };
  for (const model of models) {
    await add(model.name, 'itself', () => checkJobModel(model));
    for (const golden of goldens.filter(({ model: of }) => of === model.name)) {
      await add(model.name, 'golden', () => checkJobGolden(model, golden));
    }
  }
  if (rows.length > 0) {
    shell.out(`${aligned([['model', 'against', 'series', 'difference', 'agrees'], ...rows]).join('\n')}\n\n`);
    shell.out(`${rows.length} checks, differences up to ${jobTolerance} agree\n`);
  }
  const unasked = goldens.filter(({ model }) => !models.some(({ name }) => name === model));
  return [...wrong, ...unasked.map(({ model }) => `golden ${model}: no model that was checked is called so`)];
}
