import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { openReading, scoresOf } from './smap-reading.ts';
import { addressesOf, type Up } from './up.ts';

const file = join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml');

/** By entity the indices that have scores, in the order of the log. */
export async function scoredIndices(up: Up): Promise<ReadonlyMap<string, readonly number[]>> {
  const { topology } = loadTopology(file);
  if (topology === undefined) throw new Error('smap.yaml has mistakes');
  const { kafka, registry } = await addressesOf(up);
  const reading = openReading(kafka);
  try {
    const found = new Map<string, number[]>(
      topology.entities.map(({ satellite, name }) => [`${satellite}/${name}`, []]),
    );
    for (const { satellite_id, entity, indices } of await scoresOf(topology, registry, reading.fetcher))
      found.get(`${satellite_id}/${entity}`)?.push(...indices);
    return found;
  } finally {
    await reading.close();
  }
}

/** By entity how many samples of the demo were acknowledged, as it wrote down. */
export function acknowledgedIn(folder: string): ReadonlyMap<string, number> {
  const { rows } = JSON.parse(readFileSync(join(folder, 'demo', 'smap.json'), 'utf8')) as {
    rows: Record<string, number>;
  };
  return new Map(Object.entries(rows));
}

/** What is wrong: an acknowledged sample without a score, or one with several. */
export function faultsIn(
  scored: ReadonlyMap<string, readonly number[]>,
  acknowledged: ReadonlyMap<string, number>,
): readonly string[] {
  return [...scored].flatMap(([entity, indices]) => {
    const once = new Set(indices);
    const rows = acknowledged.get(entity) ?? 0;
    const missing = Array.from({ length: rows }, (_, index) => index).filter((index) => !once.has(index));
    return [
      ...(missing.length > 0
        ? [`${entity}: ${missing.length} of ${rows} have no score, the first is ${missing[0]}`]
        : []),
      ...(indices.length > once.size ? [`${entity}: ${indices.length - once.size} have several scores`] : []),
    ];
  });
}
