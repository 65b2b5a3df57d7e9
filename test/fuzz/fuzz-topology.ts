import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topologyFrom } from '../../src/pipeline/topology-file.ts';
import { seeded } from '../support/random.ts';
import { fastestMs, mutated } from './mutate.ts';

const smap = readFileSync(join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml'));

export interface TopologyFuzz {
  valid: number;
  refused: number;
  /** What must not be. */
  readonly wrong: string[];
}

/** Reads mutated topology files. */
export async function fuzzTopology(seed: number, count: number): Promise<TopologyFuzz> {
  const random = seeded(seed);
  const seen: TopologyFuzz = { valid: 0, refused: 0, wrong: [] };
  for (let i = 0; i < count; i++) {
    const text = mutated(smap, random).toString('utf8');
    let outcome = '';
    const ms = await fastestMs(() => {
      outcome = outcomeOf(text);
    });
    if (ms > 50) seen.wrong.push(`took ${ms} ms: ${JSON.stringify(text)}`);
    else if (outcome === 'valid' || outcome === 'refused') seen[outcome] += 1;
    else seen.wrong.push(`${outcome}: ${JSON.stringify(text)}`);
  }
  return seen;
}

function outcomeOf(text: string): string {
  try {
    const { topology, problems } = topologyFrom('f.yaml', text);
    if (topology !== undefined) return 'valid';
    const told = problems.every(
      ({ line, column, what, remedy }) => line > 0 && column > 0 && what !== '' && remedy !== '',
    );
    return problems.length > 0 && told ? 'refused' : 'a problem without place, cause or remedy';
  } catch (thrown) {
    return `thrown: ${String(thrown)}`;
  }
}
