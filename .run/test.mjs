// `npm test`, `npm run check`, `npm run drill`, `npm run soak`. What follows on the command line goes to Jest.
// The last line is always `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { house, installs, rooms } from './rooms.mjs';

const tiers = {
  check: { statics: true, projects: ['unit'] },
  test: { statics: true, projects: ['unit', 'fuzz', 'real', 'embedded'] },
  drill: { statics: false, projects: ['drill'] },
  soak: { statics: false, projects: ['soak'] },
};
const statics = {
  types: ['node_modules/typescript/bin/tsc', '--noEmit'],
  lint: ['node_modules/eslint/bin/eslint.js', '--config', '.config/eslint.mjs', 'src', 'test', 'bench'],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
};

const minutesSince = (began) => (performance.now() - began) / 60_000;
const [first, ...others] = process.argv.slice(2);
const named = Object.hasOwn(tiers, first ?? '');
const tier = named ? first : 'test';
const jestArgs = named ? others : process.argv.slice(2);

let began = performance.now();
prepare();
const minutes = { [installs.name]: minutesSince(began) };

const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;

const total = { passed: 0, failed: 0, skipped: 0 };
began = performance.now();
// Named tests only (`npm test -- path`): the static checks would only be in the way.
for (const [name, args] of Object.entries(tiers[tier].statics && jestArgs.length === 0 ? statics : {})) {
  const ok = run(args);
  total[ok ? 'passed' : 'failed'] += 1;
  process.stderr.write(`${ok ? 'ok    ' : 'FAILED'} ${name}\n`);
}
minutes[house.name] = minutesSince(began);

const folder = mkdtempSync(join(tmpdir(), 'downlink-summary-'));
const summary = join(folder, 'summary.json');
const jest = [
  'node_modules/jest/bin/jest.js',
  '--config',
  '.config/jest.mjs',
  '--selectProjects',
  ...tiers[tier].projects,
];
const ok = run([...jest, ...(jestArgs.length > 0 ? ['--', ...jestArgs] : [])], { DOWNLINK_TEST_SUMMARY: summary });
if (existsSync(summary)) {
  const seen = JSON.parse(readFileSync(summary, 'utf8'));
  for (const key of Object.keys(total)) total[key] += seen.counts[key];
  for (const [name, spent] of Object.entries(seen.minutes)) minutes[name] = (minutes[name] ?? 0) + spent;
}
rmSync(folder, { recursive: true });
if (!ok && total.failed === 0) total.failed += 1;
if (total.passed + total.failed === 0) total.failed += 1; // a run that tested nothing has not passed

if (tier === 'test' && jestArgs.length === 0) {
  for (const { name, minutes: budget } of [installs, ...rooms]) {
    process.stderr.write(`${name}: ${(minutes[name] ?? 0).toFixed(1)} of ${budget} minutes\n`);
  }
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 ? 0 : 1);
