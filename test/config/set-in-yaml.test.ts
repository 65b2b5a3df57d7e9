import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { setInYaml } from '../../src/config/set-in-yaml.ts';

const set = (text: string, path: string, value: unknown): string => setInYaml('a.yaml', text, path.split('.'), value);

describe('a value is set, and every other letter stays', () => {
  test.each([
    ['a number with a comment', 'a:\n  b: 1.3 # why\n  c:   2\n', 'a.b', 2, 'a:\n  b: 2 # why\n  c:   2\n'],
    ['a list', 'a: { b: [x,  y], c: 1 }\n', 'a.b', ['z'], 'a: { b: [z], c: 1 }\n'],
    ['a list of lines', 'a:\n  b:\n    - x\n    - y\nc: 1\n', 'a.b', ['z', 'y'], 'a:\n  b:\n    [z, y]\nc: 1\n'],
    ['text that looks like a number', "a:\n  b: '4'\n", 'a.b', '8', 'a:\n  b: "8"\n'],
    ['a key that is left empty', 'a:\n  b:\nc: 1\n', 'a.b', 2, 'a:\n  b: 2\nc: 1\n'],
    [
      'a new key behind the last',
      'a:\n  b: [x] # why\n\n# of c\nc: 1\n',
      'a.d',
      2,
      'a:\n  b: [x] # why\n  d: 2\n\n# of c\nc: 1\n',
    ],
    [
      'behind one that nests',
      'a:\n  b:\n    c:\n      d: 1\ne: 1\n',
      'a.f',
      2,
      'a:\n  b:\n    c:\n      d: 1\n  f: 2\ne: 1\n',
    ],
    [
      'behind a list of lines',
      'a:\n  b:\n    - x\n    - y # why\ne: 1\n',
      'a.f',
      2,
      'a:\n  b:\n    - x\n    - y # why\n  f: 2\ne: 1\n',
    ],
    ['behind an empty one', 'a:\n  b:\nc: 1\n', 'a.f', 2, 'a:\n  b:\n  f: 2\nc: 1\n'],
    ['in braces', 'a: { b: 1 }\n', 'a.S/A-1.f', 2, 'a: { b: 1, S/A-1: { f: 2 } }\n'],
    ['in braces with nothing', 'a: {}\n', 'a.f', 2, 'a: { f: 2 }\n'],
    ['in braces behind an empty one', 'a: { b }\n', 'a.f', 2, 'a: { b, f: 2 }\n'],
    ['several levels of lines', 'a:\n  b: 1\n', 'a.c.S/A-1.f', 2, 'a:\n  b: 1\n  c:\n    S/A-1:\n      f: 2\n'],
    ['under nothing', 'a:\n  b: # none\nc: 1\n', 'a.b.f', 2, 'a:\n  b: # none\n    f: 2\nc: 1\n'],
    ['without an end of line', 'a:\n  b: 1', 'a.c', 2, 'a:\n  b: 1\n  c: 2\n'],
    ['with those of Windows', 'a:\r\n  b: 1\r\nd: 1\r\n', 'a.c.e', 2, 'a:\r\n  b: 1\r\n  c:\r\n    e: 2\r\nd: 1\r\n'],
    ['in place of an alias', 'x: &x 1\na:\n  b: *x\n', 'a.b', 2, 'x: &x 1\na:\n  b: 2\n'],
  ] as const)('%s', (_, before, path, value, after) => {
    expect(set(before, path, value)).toBe(after);
  });
});

test('what others share through an alias is not changed for all of them', () => {
  expect(() => set('x: &x { b: 1 }\na: *x\n', 'a.b', 2)).toThrow('a.yaml: a.b cannot be set there');
  expect(() => set('a: &x 1\nb: *x\n', 'a', 2)).toThrow('a.yaml: a cannot be set there');
});

const folder = join(import.meta.dirname, '..', '..', 'topologies');
test.each(readdirSync(folder).filter((name) => /^[^.]+\.yaml$/.test(name)))('%s takes settings of detect', (name) => {
  const before = readFileSync(join(folder, name), 'utf8');
  if (!('detect' in (parse(before) as { stages: object }).stages)) return;
  const settings = 'stages.detect.settings';
  const once = set(before, `${settings}.busyFactor`, 1.5);
  const twice = set(once, `${settings}.entities.S/A-1.rules`, ['too-busy']);
  const kept = new Set(twice.split('\n'));
  expect(before.split('\n').filter((line) => !kept.has(line))).toEqual([]);
  expect(twice.split('\n').length - before.split('\n').length).toBe(4);
});
