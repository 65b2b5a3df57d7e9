import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pathOf } from '../../src/cli/path-of.ts';
import { allIn, commandLine, downlink, parsed } from './command-line.ts';

const root = join(import.meta.dirname, '..', '..');

const all = async () => allIn(await commandLine());
const allPaths = async () => (await all()).map(pathOf);

const helpOf = async (path: string): Promise<string> => (await downlink([...path.split(' ').slice(1), '--help'])).out;

/** What stands behind `Example:`, and in the lines below it that begin as far right. */
const examplesIn = (help: string): readonly string[] =>
  [...help.matchAll(/^(?:Example: | {9})((?:[A-Z_]+=\S+ )*downlink .*)$/gm)].map(([, line = '']) => line);

test('there are verbs, and verbs of verbs', async () => {
  expect(await allPaths()).toEqual(
    expect.arrayContaining(['downlink', 'downlink topology', 'downlink topology check']),
  );
});

test('each verb says what it does, and so does each of its options', async () => {
  for (const command of await all()) {
    const said = command.createHelp().visibleOptions(command);
    const texts = [
      [pathOf(command), command.description()],
      ...said.map(({ flags, description }) => [flags, description]),
    ];
    expect(texts.filter(([, text = '']) => text.length <= 10)).toEqual([]);
  }
});

test('each help has examples that are right, and of its verb', async () => {
  for (const path of await allPaths()) {
    const examples = examplesIn(await helpOf(path));
    expect([path, examples.length > 0]).toEqual([path, true]);
    for (const example of examples) expect(`${pathOf(await parsed(example))} `).toContain(`${path} `);
  }
});

test('an example that is wrong is noticed', async () => {
  await expect(parsed('downlink topology chek topologies/smap.yaml')).rejects.toThrow("unknown command 'chek'");
  await expect(parsed('downlink replay --topology x --speeed 2')).rejects.toThrow("unknown option '--speeed'");
  await expect(parsed('downlink topology')).rejects.toThrow();
});

test('each help shows defaults as one would write them, and the exit codes', async () => {
  for (const path of await allPaths()) {
    const help = (await helpOf(path)).replaceAll(/\s+/g, ' ');
    expect(help).toContain('Exit codes: 0 done; 1 ');
    // An empty list, a number without an end, an empty text, a point in time, a place on this machine.
    expect(help).not.toMatch(/default: (\[\]|null|""|\d{12,}|"?\/|undefined)/);
    expect(help).not.toContain(root);
  }
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
