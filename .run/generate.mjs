// Writes every file that is made from another one: record types from the schemas, the topology file's JSON Schema.
import { spawnSync } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

prepare();
for (const args of [
  ['schema', 'types', '--out', 'src/contract/records'],
  ['topology', 'schema', '--out', 'topologies/topology.schema.json'],
]) {
  const done = spawnSync(process.execPath, ['dist/main.js', ...args], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
