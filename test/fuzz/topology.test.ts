import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { topologyFrom } from '../../src/pipeline/topology-file.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { fastestMs, mutated } from './mutate.ts';

const smap = readFileSync(join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml'));

test('10,000 mutated topology files are each valid or a list of problems with places, in under 50 ms', async () => {
  const random = seeded(seedOfRun());
  const counts = { valid: 0, refused: 0 };
  const wrong: string[] = [];
  for (let i = 0; i < 10_000; i++) {
    const text = mutated(smap, random).toString('utf8');
    const ms = await fastestMs(() => {
      try {
        const { topology, problems } = topologyFrom('f.yaml', text);
        if (topology === undefined) {
          counts.refused += 1;
          const placed = problems.every(
            ({ line, column, what, remedy }) => line > 0 && column > 0 && what !== '' && remedy !== '',
          );
          if (problems.length === 0 || !placed) wrong.push(`no place: ${JSON.stringify(text)}`);
        } else counts.valid += 1;
      } catch (thrown) {
        wrong.push(`${String(thrown)}: ${JSON.stringify(text)}`);
      }
    });
    if (ms > 50) wrong.push(`took ${ms} ms: ${JSON.stringify(text)}`);
  }
  process.stderr.write(`${JSON.stringify(counts)}\n`);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(Math.min(counts.valid, counts.refused)).toBeGreaterThan(500);
}, 120_000);
