import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root, textOf } from './documents.ts';

const dockerfile = textOf('deploy/images/Dockerfile').replaceAll('\\\n', ' ');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));
const these = (name: string) => instructions.filter((line) => line.startsWith(`${name} `));
const last = instructions.slice(instructions.lastIndexOf(these('FROM').at(-1) ?? ''));
const copied = these('COPY').filter((line) => !line.includes('--from='));
const sources = copied.flatMap((line) => line.split(/\s+/).slice(1, -1));
const allowed = textOf('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

test('every stage of it stands on one Node, of one version, that downlink runs on', () => {
  const [base = ''] = these('ARG').map((line) => /^ARG NODE=(.*)$/.exec(line)?.[1]);
  expect(base).toMatch(/^2[0-9]\.\d+\.\d+-[a-z]+-slim$/);
  expect(these('FROM').length).toBeGreaterThan(1);
  for (const line of these('FROM')) expect(line).toMatch(/^FROM node:\$\{NODE\}( AS \w+)?$/);
});

test('it runs as a user that is not root, named by number', () => {
  expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 1000:1000']);
});

test('what it copies is in the clone, and is all that goes to the engine', () => {
  for (const source of sources) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
  expect([...new Set(sources)].sort()).toEqual([...allowed].sort());
});

test('it holds what the package holds for running, and no tests', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: readonly string[] };
  const needed = files.filter((name) => !name.startsWith('!') && !name.startsWith('deploy/'));
  const inLast = last.filter((line) => line.startsWith('COPY ')).join(' ');
  for (const name of needed) expect(inLast).toContain(name);
  expect(inLast).not.toMatch(/\btest\b|\bsrc\b/);
});

test('no install script of a dependency loads anything', () => {
  const installs = these('RUN').filter((line) => line.includes('--omit=dev'));
  expect(installs).toHaveLength(1);
  const before = instructions.slice(0, instructions.indexOf(installs[0] ?? ''));
  expect(before.at(-2)).toBe('ENV ONNXRUNTIME_NODE_INSTALL=skip');
  expect(textOf('.npmrc')).toContain('onnxruntime-node-install=skip');
});
