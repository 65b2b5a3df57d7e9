// Writes every file that is made from another one: record types from the schemas, the topology file's JSON Schema, what
// Grafana and VictoriaMetrics read.
import { spawnSync } from 'node:child_process';
import { root } from './prepare.mjs';

// From the sources, unchecked: what is made here may be what they lack.
for (const args of [
  ['--import', 'tsx', 'src/main.ts', 'schema', 'types', '--out', 'src/contract/records'],
  ['--import', 'tsx', 'src/main.ts', 'topology', 'schema', '--out', 'topologies/topology.schema.json'],
  ['--import', 'tsx', 'src/dashboards/write.ts'],
]) {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
