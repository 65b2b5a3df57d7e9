import { loadCases } from '../pipeline/cases/cases-file.ts';
import { openBench } from '../pipeline/cases/run-cases.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import { printProblems } from './load-settings.ts';
import type { ExitCode, Shell } from './verb.ts';

/** A line for each case and, where one does not hold, what came otherwise than expected. */
export async function testTopology(file: string, cases: string | undefined, shell: Shell): Promise<ExitCode> {
  const { found, problems } = loadCases(hereOrShipped(file), cases === undefined ? cases : hereOrShipped(cases));
  if (found === undefined) {
    printProblems(problems, shell);
    return 1;
  }
  const bench = await openBench(found.topology);
  let failed = 0;
  for (const one of found.cases) {
    const differences = await bench.run(one);
    if (differences.length === 0) shell.out(`ok      ${one.name}\n`);
    else {
      failed += 1;
      shell.out(`FAILED  ${one.name} (${found.file}:${one.line})\n`);
      for (const difference of differences) shell.out(`        ${difference}\n`);
    }
  }
  shell.out(`${found.cases.length - failed} of ${found.cases.length} cases hold\n`);
  return failed === 0 ? 0 : 1;
}
