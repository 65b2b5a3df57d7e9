import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { printProblem } from '../../src/config/problem.ts';
import { loadCases } from '../../src/pipeline/cases/cases-file.ts';
import { openBench } from '../../src/pipeline/cases/run-cases.ts';

const folder = join(import.meta.dirname, '..', '..', 'topologies');

describe.each(readdirSync(folder).filter((file) => file.endsWith('.cases.yaml')))('%s', (file) => {
  const { found, problems = [] } = loadCases(join(folder, file));

  test('has no mistakes', () => {
    expect(problems.map(printProblem)).toEqual([]);
  });

  for (const one of found?.cases ?? []) {
    test(`${one.name} (line ${one.line})`, async () => {
      if (found === undefined) throw new Error('no cases');
      const bench = await openBench(found.topology);
      expect(await bench.run(one)).toEqual([]);
    });
  }
});
