import { join } from 'node:path';
import type { Topology } from '../../src/config/topology.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { root } from './documents.ts';

function loaded(): Topology {
  const { topology, problems = [] } = loadTopology(join(root, 'topologies', 'timeseries.yaml'));
  if (topology === undefined) throw new Error(`topologies/timeseries.yaml has ${problems.length} mistakes`);
  return topology;
}

/** What answers jobs in both deployments, where they are to be answered. */
export const timeseries = loaded();
