// `npm test`, `npm run check`, `npm run drill`, `npm run soak`. What follows on the command line goes to Jest.
// The last line is always `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const tiers = {
  check: { statics: true, projects: ['unit'] },
  test: { statics: true, projects: ['unit', 'fuzz', 'real'] },
  drill: { statics: false, projects: ['drill'] },
  soak: { statics: false, projects: ['soak'] },
};
const statics = {
  types: ['node_modules/typescript/bin/tsc', '--noEmit'],
  lint: ['node_modules/eslint/bin/eslint.js', '--config', '.config/eslint.mjs', 'src', 'test', 'bench'],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
};

const [first, ...others] = process.argv.slice(2);
const named = Object.hasOwn(tiers, first ?? '');
const tier = tiers[named ? first : 'test'];
const jestArgs = named ? others : process.argv.slice(2);

prepare();
const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;

const total = { passed: 0, failed: 0, skipped: 0 };
// Named tests only (`npm test -- path`): the static checks would only be in the way.
if (tier.statics && jestArgs.length === 0) {
  for (const [name, args] of Object.entries(statics)) {
    const began = Date.now();
    const ok = run(args);
    total[ok ? 'passed' : 'failed'] += 1;
    process.stderr.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'downlink-counts-'));
const counts = join(folder, 'counts.json');
const jest = ['node_modules/jest/bin/jest.js', '--config', '.config/jest.mjs', '--selectProjects', ...tier.projects];
const ok = run([...jest, ...(jestArgs.length > 0 ? ['--', ...jestArgs] : [])], { DOWNLINK_TEST_COUNTS: counts });
if (existsSync(counts)) {
  const seen = JSON.parse(readFileSync(counts, 'utf8'));
  for (const key of Object.keys(total)) total[key] += seen[key];
}
rmSync(folder, { recursive: true });
if (!ok && total.failed === 0) total.failed += 1;
if (total.passed + total.failed === 0) total.failed += 1; // a run that tested nothing has not passed
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 ? 0 : 1);
