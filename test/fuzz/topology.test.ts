import { expect, test } from '@jest/globals';
import { seedOfRun } from '../support/random.ts';
import { fuzzTopology } from './fuzz-topology.ts';

test('10,000 mutated topology files are each valid or a list of problems with places, in under 50 ms', async () => {
  const { valid, refused, wrong } = await fuzzTopology(seedOfRun(), 10_000);
  process.stderr.write(`${valid} valid, ${refused} refused\n`);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(Math.min(valid, refused)).toBeGreaterThan(500);
}, 120_000);
