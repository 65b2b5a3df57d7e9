import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let packed: Packed;
beforeAll(() => {
  const npm = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const out = execFileSync('npm', npm, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  [packed = { size: 0, files: [] }] = JSON.parse(out) as Packed[];
}, 60_000);

const paths = (): readonly string[] => packed.files.map(({ path }) => path);

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

test('it holds what runs, and what comes with it', () => {
  const given = ['schemas', 'topologies', 'model_repository', 'deploy/grafana', 'deploy/victoriametrics'];
  expect(paths()).toEqual(expect.arrayContaining(given.flatMap(filesIn)));
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  expect(paths()).toEqual(
    expect.arrayContaining([...Object.values(bin), '.run/prepare.mjs', 'dist/main.js', 'LICENSE']),
  );
});

test('it holds nothing else: no sources, no tests', () => {
  const belongs =
    /^(dist\/.*\.js|(schemas|topologies|model_repository)\/.*|deploy\/(grafana|victoriametrics)\/.*|\.run\/(downlink|prepare)\.mjs|README\.md|LICENSE|package\.json)$/;
  expect(paths().filter((path) => !belongs.test(path))).toEqual([]);
});

test('it is small enough to be tried', () => {
  expect(packed.size).toBeGreaterThan(1 << 20);
  expect(packed.size).toBeLessThan(10 << 20);
});
