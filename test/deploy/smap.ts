import { join } from 'node:path';
import type { Topology } from '../../src/config/topology.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { root } from './documents.ts';

function loaded(): Topology {
  const { topology, problems = [] } = loadTopology(join(root, 'topologies', 'smap.yaml'));
  if (topology === undefined) throw new Error(`topologies/smap.yaml has ${problems.length} mistakes`);
  return topology;
}

/** What both deployments run. */
export const smap = loaded();

export const stageNames: readonly string[] = smap.stages.map(({ declaration }) => declaration.name);
export const modelNames: readonly string[] = [...new Set(smap.entities.map(({ model }) => model))];
