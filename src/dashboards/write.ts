// Run by .run/generate.mjs: writes what Grafana and VictoriaMetrics read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { files } from './files.ts';

const deploy = join(import.meta.dirname, '..', '..', 'deploy');

for (const [path, text] of files()) {
  const file = join(deploy, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
