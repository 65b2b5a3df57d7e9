import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { screen } from '../../src/cli/up/screen.ts';
import { openView } from '../../src/cli/up/view.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { downlink, parsed } from '../cli/command-line.ts';
import { levels } from '../house/law.ts';
import { blockIn, commands, readme, root, tableOf } from './readme.ts';

const smap = join(root, 'topologies', 'smap.yaml');

test('the picture is what the command line draws', async () => {
  expect(blockIn('mermaid')).toBe((await downlink(['topology', 'graph', '--mermaid', smap])).out);
});

test('the screen is as wide and has the columns of the real one', () => {
  const { topology } = loadTopology(smap);
  if (topology === undefined) throw new Error('smap.yaml has mistakes');
  const size = { columns: 80, rows: 28 };
  const real = screen(openView(topology, 0), { now: 0, size, colour: false, next: [] });
  const shown = blockIn('', 'downlink smap').split('\n');
  const isTitle = (line: string): boolean => line.includes('limit');
  expect(shown.filter(isTitle)).toEqual(real.filter(isTitle));
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(80);
  const named = (lines: readonly string[]) => lines.flatMap((line) => /^(?: {2})?\w+-\d+/.exec(line)?.[0] ?? []);
  expect(named(shown)).toEqual(named(real));
});

test('the topology has no mistakes, and fifteen lines', async () => {
  const text = blockIn('yaml');
  expect(text.trim().split('\n').length).toBeLessThanOrEqual(15);
  const folder = mkdtempSync(join(tmpdir(), 'downlink-readme-'));
  try {
    const file = join(folder, 'topology.yaml');
    writeFileSync(file, text);
    const { code, out } = await downlink(['topology', 'check', file]);
    expect([code, out]).toEqual([0, expect.stringMatching(/no mistakes \(1 stages?, 3 topics, 3 entities\)/)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each command line of downlink is right', async () => {
  const lines = commands.map((line) => /^(?:[A-Z_]+=\S+ )*npx (downlink .*)/.exec(line)?.[1]).filter((line) => line);
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) await parsed(line ?? '');
});

test('each script of npm is there, and so is what it is told to run', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const told = commands.flatMap((line) => {
    const [, script = '', first = ''] = /\bnpm (?:run )?(\w+)(?: (?:-- )?(\S+))?/.exec(line) ?? [];
    return script === '' || ['install', 'pack', 'ci', 'sbom'].includes(script) ? [] : [{ line, script, first }];
  });
  expect(told.length).toBeGreaterThan(15);
  expect(told.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
  const files = readdirSync(join(root, 'test'), { recursive: true }).map((name) => `test/${String(name)}`);
  const isThere = (script: string, first: string): boolean =>
    script === 'bench' ? existsSync(join(root, 'bench', `${first}.ts`)) : files.some((file) => file.includes(first));
  expect(told.filter(({ script, first }) => first !== '' && !isThere(script, first))).toEqual([]);
});

test('each file and folder that it names is there', () => {
  const named = commands
    .flatMap((line) => line.split(/[\s=]+/))
    .filter((word) => /^(src|test|bench|topologies|schemas|deploy|model_repository|\.run)(\/[\w./-]*)?$/.test(word));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the map has each room, and the law by which they import', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true });
  const mapped = tableOf('room').flatMap(([names = '']) => names.match(/(?<=`src\/)[^`]+/g) ?? []);
  expect(mapped.sort()).toEqual(rooms.flatMap((room) => (room.isDirectory() ? [room.name] : [])));
  const isThere = (room: string): boolean => rooms.some(({ name }) => name === room || name === `${room}.ts`);
  const law = levels.map((level) => level.filter(isThere).join(', ')).join(' > ');
  expect(commands).toContain(law);
});

test('each package that package.json names has its reason, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const given = tableOf('package').flatMap(([names = '']) => names.split(', '));
  expect(given.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('tables can be read: no cell is long, none is empty', () => {
  for (const heading of ['code', 'what', 'room', 'package']) {
    const cells = tableOf(heading).flat();
    expect(cells.length).toBeGreaterThan(20);
    expect(cells.filter((cell) => cell === '' || cell.length > 200)).toEqual([]);
  }
});

test('it is no longer than it has to be', () => {
  expect(readme.split('\n').length).toBeLessThan(400);
});
