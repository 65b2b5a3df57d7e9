// Writes every file that is made from another one: record types from the schemas, the topology file's JSON Schema, what
// Grafana and VictoriaMetrics read.
import { spawnSync } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

prepare();
for (const args of [
  ['dist/main.js', 'schema', 'types', '--out', 'src/contract/records'],
  ['dist/main.js', 'topology', 'schema', '--out', 'topologies/topology.schema.json'],
  ['--import', 'tsx', 'src/dashboards/write.ts'],
]) {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
