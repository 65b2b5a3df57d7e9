import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { pathOf } from '../../src/cli/path-of.ts';
import { allIn, commandLine, downlink, parsed } from './command-line.ts';

const root = join(import.meta.dirname, '..', '..');

const all = allIn(commandLine());
const paths = all.map(pathOf);

const helpOf = async (path: string): Promise<string> => (await downlink([...path.split(' ').slice(1), '--help'])).out;

/** What stands behind `Example:`, and in the lines below it that begin as far right. */
const examplesIn = (help: string): readonly string[] =>
  [...help.matchAll(/^(?:Example: | {9})((?:[A-Z_]+=\S+ )*downlink .*)$/gm)].map(([, line = '']) => line);

test('there are verbs, and verbs of verbs', () => {
  expect(paths).toEqual(expect.arrayContaining(['downlink', 'downlink topology', 'downlink topology check']));
});

test.each(paths)('%s says what it does, and so does each of its options', (path) => {
  const command = all[paths.indexOf(path)] ?? new Command();
  const visible = command.createHelp().visibleOptions(command);
  expect(command.description().length).toBeGreaterThan(10);
  for (const { flags, description } of visible) expect([flags, description.length > 10]).toEqual([flags, true]);
});

test.each(paths)('the help of %s has examples that are right, and of this verb', async (path) => {
  const examples = examplesIn(await helpOf(path));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(`${pathOf(await parsed(example))} `).toContain(`${path} `);
});

test('an example that is wrong is noticed', async () => {
  await expect(parsed('downlink topology chek topologies/smap.yaml')).rejects.toThrow("unknown command 'chek'");
  await expect(parsed('downlink replay --topology x --speeed 2')).rejects.toThrow("unknown option '--speeed'");
  await expect(parsed('downlink topology')).rejects.toThrow();
});

test.each(paths)('the help of %s shows defaults as one would write them, and the exit codes', async (path) => {
  const help = (await helpOf(path)).replaceAll(/\s+/g, ' ');
  expect(help).toContain('Exit codes: 0 done; 1 ');
  // An empty list, a number without an end, an empty text, a point in time, a place on this machine.
  expect(help).not.toMatch(/default: (\[\]|null|""|\d{12,}|"?\/|undefined)/);
  expect(help).not.toContain(root);
});

test('what has to be given is said to be', async () => {
  expect((await downlink(['offsets', 'reset', '--help'])).out.match(/\(required\)/g)).toHaveLength(3);
});

test('every verb stands under a heading', async () => {
  const { out } = await downlink([]);
  expect(out).not.toContain('Commands:');
  for (const heading of ['Begin:', 'Run it:', 'Look at what it does:']) expect(out).toContain(`\n${heading}\n`);
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await downlink(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test("the README's command lines are right", async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const lines = [...readme.matchAll(/^(?:[A-Z_]+=\S+ )*npx (downlink [^#\n]*)/gm)].map(([, line = '']) => line.trim());
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) await parsed(line);
});
