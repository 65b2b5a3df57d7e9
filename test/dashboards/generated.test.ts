import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { files } from '../../src/dashboards/files.ts';
import { replacedQueries } from '../../src/dashboards/replaced-queries.ts';

const deploy = join(import.meta.dirname, '..', '..', 'deploy');

test('what Grafana and VictoriaMetrics read is what src/dashboards makes, and nothing else lies there', () => {
  const made = [...files().keys()];
  const folders = new Set(made.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const committed = [...folders]
    .flatMap((folder) => readdirSync(join(deploy, folder), { withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(deploy, file), readFileSync(file, 'utf8')] as const);
  expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(files()));
});

test('the README of deploy/grafana says of each query of the replaced system what to type now, and why', () => {
  const readme = readFileSync(join(deploy, 'grafana', 'README.md'), 'utf8');
  const cells = readme.split('\n').map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | *\|?$/g, '')));
  for (const { typed, right = [], why } of replacedQueries)
    expect(cells).toContainEqual([`\`${typed}\``, right.map((query) => `\`${query}\``).join(' or '), why]);
});
