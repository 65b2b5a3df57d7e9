// `npm test`, `npm run check`, `npm run drill`, `npm run soak`. What follows on the command line goes to Jest.
// The last line is always `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBounded } from './bounded.mjs';
import { prepare, root } from './prepare.mjs';
import { house, installs, rooms } from './rooms.mjs';

// What takes longer does not end by itself: it is ended, and what was under way is named.
const tiers = {
  check: { statics: true, projects: ['unit'], minutes: 10 },
  test: { statics: true, projects: ['unit', 'fuzz', 'real', 'embedded'], minutes: 55 },
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
const seen = () => (existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')) : undefined);
const { ended, left } = await runBounded(
  process.execPath,
  [...jest, ...(jestArgs.length > 0 ? ['--', ...jestArgs] : [])],
  {
    cwd: root,
    env: { ...process.env, DOWNLINK_TEST_SUMMARY: summary },
    minutes: tiers[tier].minutes,
    isDone: () => seen()?.isDone,
  },
);
const { counts = {}, running = [], minutes: spent = {} } = seen() ?? {};
for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
for (const [name, more] of Object.entries(spent)) minutes[name] = (minutes[name] ?? 0) + more;
const wrong = [
  ...(ended === 'late' ? [`the tests took longer than ${tiers[tier].minutes} minutes and were ended`] : []),
  ...(ended === 'open' ? ['the tests are done, but something is still open in their process'] : []),
  ...running.map((name) => `did not end: ${name}`),
  ...left.map((name) => `left behind: process ${name}`),
];
for (const what of wrong) process.stderr.write(`FAILED ${what}\n`);
total.failed += wrong.length;
rmSync(folder, { recursive: true });
if (ended !== 'ok' && total.failed === 0) total.failed += 1;
if (total.passed + total.failed === 0) total.failed += 1; // a run that tested nothing has not passed

if (tier === 'test' && jestArgs.length === 0) {
  for (const { name, minutes: budget } of [installs, ...rooms]) {
    process.stderr.write(`${name}: ${(minutes[name] ?? 0).toFixed(1)} of ${budget} minutes\n`);
  }
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 ? 0 : 1);
