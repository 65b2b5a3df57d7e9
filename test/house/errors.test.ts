import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { classify, codes, DownlinkError } from '../../src/errors.ts';

test("the README's table of errors is the table of errors", () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const rows = readme.split('\n').flatMap((line) => {
    const [code = '', verdict, means, remedy] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return /^(reject|retry|stop)$/.test(verdict ?? '')
      ? [[code.replaceAll('`', ''), { verdict, means, remedy }] as const]
      : [];
  });
  expect(Object.fromEntries(rows)).toEqual(codes);
  expect(rows.map(([code]) => code)).toEqual(Object.keys(codes));
});

test.each<readonly [string, unknown, RegExp]>([
  ['an error of a library', new TypeError('x is not a function'), /TypeError: x is not a function/],
  ['a text', 'boom', /boom/],
  ['nothing', undefined, /undefined/],
  ['null', null, /null/],
  ['a number too large for JSON', 10n, /cannot be printed/],
  ['an object', { code: 'ECONNRESET' }, /ECONNRESET/],
  ['an object that holds itself', Object.assign([], { 0: globalThis }), /./],
  [
    'an object that throws when it is looked at',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
    /cannot be printed/,
  ],
])('what is not known is unclassified and stops: %s', (_, thrown, detail) => {
  const error = classify(thrown);
  expect([error.code, error.verdict]).toEqual(['unclassified', 'stop']);
  expect(error.detail).toMatch(detail);
  expect(error.cause).toBe(thrown);
});

test('an error of ours stays as it is', () => {
  const error = new DownlinkError('registry-unavailable', 'down');
  expect(classify(error)).toBe(error);
  expect([error.verdict, error.message]).toEqual(['retry', 'registry-unavailable: down']);
});

test.each(Object.entries(codes))('%s says what it means and what to do', (_, { means, remedy }) => {
  for (const sentence of [means, remedy]) expect(sentence).toMatch(/^[A-Z].*\.$/);
});
