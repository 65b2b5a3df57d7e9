import { expect, test } from '@jest/globals';
import { seedOfRun } from '../support/random.ts';
import { fuzzBatches } from './fuzz-batches.ts';

test('100,000 damaged batches are each read whole or refused with a code, in under 50 ms and without much memory', async () => {
  const before = process.resourceUsage().maxRSS;
  const outcomes = await fuzzBatches(seedOfRun(), 100_000);
  process.stderr.write(`${JSON.stringify(Object.fromEntries([...outcomes].slice(0, 10)))}\n`);
  const legal = ['valid', 'nothing', 'batch-corrupt'];
  expect([...outcomes.keys()].filter((outcome) => !legal.includes(outcome)).slice(0, 3)).toEqual([]);
  // Damage that is always caught at the same place would prove nothing.
  for (const outcome of legal) expect(outcomes.get(outcome)).toBeGreaterThan(500);
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024);
}, 60_000);
