// `npm run bench NAME`: runs bench/NAME.ts; without a name it lists them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`usage: npm run bench NAME, one of: ${names.join(', ')}\n`);
  process.exit(2);
}
prepare();
const done = spawnSync(process.execPath, ['--import', 'tsx', `bench/${name}.ts`, ...rest], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(done.status ?? 1);
