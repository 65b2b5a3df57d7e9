import { describe, expect, test } from '@jest/globals';
import { Type, type Schema as AvscSchema } from 'avsc';
import { checkCompatibility, type Level } from '../../src/avro/check-compatibility.ts';
import { compatible, type ErrorType } from '../../src/avro/compatible.ts';
import { parseSchema } from '../../src/avro/parse-schema.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { compatibilityCases } from './compatibility-cases.ts';
import { randomPair, type Dice } from './random-schema.ts';

const parse = (json: unknown) => parseSchema(JSON.stringify(json));
const record = (...fields: object[]) => ({ type: 'record', name: 'T', namespace: 'n', fields });
const field = (type: unknown) => record({ name: 'a', type });

test.each(compatibilityCases)('$name: readable $readable', ({ writer, reader, readable }) => {
  expect(compatible(parse(reader), parse(writer)).length === 0).toBe(readable);
});

describe('every reason has its type, its path in the reader and the words of the real registry', () => {
  const enumOf = (...symbols: string[]) => ({ type: 'enum', name: 'E', symbols });
  const rows: [
    errorType: ErrorType,
    writer: unknown,
    reader: unknown,
    path: string,
    description: string,
    info: string,
  ][] = [
    [
      'NAME_MISMATCH',
      { type: 'record', name: 'T', fields: [] },
      { type: 'record', name: 'U', fields: [] },
      '/name',
      "The name of the schema has changed (path '/name')",
      'expected: T',
    ],
    [
      'FIXED_SIZE_MISMATCH',
      field({ type: 'fixed', name: 'F', size: 4 }),
      field({ type: 'fixed', name: 'F', size: 8 }),
      '/fields/0/type/size',
      "The size of FIXED type field at path '/fields/0/type/size' in the new schema does not match with the old schema",
      'expected: 4, found: 8',
    ],
    [
      'MISSING_ENUM_SYMBOLS',
      field(enumOf('Z', 'X', 'Y')),
      field(enumOf('X')),
      '/fields/0/type/symbols',
      "The new schema is missing enum symbols '[Y, Z]' at path '/fields/0/type/symbols' in the old schema",
      '[Y, Z]',
    ],
    [
      'READER_FIELD_MISSING_DEFAULT_VALUE',
      field('int'),
      record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' }),
      '/fields/1',
      "The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema",
      'b',
    ],
    [
      'TYPE_MISMATCH',
      field({ type: 'map', values: 'string' }),
      field({ type: 'map', values: 'int' }),
      '/fields/0/type/values',
      "The type (path '/fields/0/type/values') of a field in the new schema does not match with the old schema",
      'reader type: INT not compatible with writer type: STRING',
    ],
    [
      'MISSING_UNION_BRANCH',
      field(['null', 'int', 'string']),
      field(['null', 'int']),
      '/fields/0/type/2',
      "The new schema is missing a type inside a union field at path '/fields/0/type/2' in the old schema",
      'reader union lacking writer type: STRING',
    ],
  ];

  test.each(rows)('%s', (errorType, writer, reader, path, description, additionalInfo) => {
    expect(compatible(parse(reader), parse(writer))).toEqual([{ errorType, path, description, additionalInfo }]);
  });

  test('the root is "/", and old and new change places where the old schema reads', () => {
    const [reason] = compatible(parse('int'), parse('string'), 'old');
    expect(reason?.path).toBe('/');
    expect(reason?.description).toBe(
      "The type (path '/') of a field in the old schema does not match with the new schema",
    );
  });

  test('a field that two fields of the writer match is refused', () => {
    const reader = record({ name: 'b', aliases: ['a'], type: 'int' });
    const writer = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' });
    expect(compatible(parse(reader), parse(writer))).toMatchObject([{ path: '/fields/0' }]);
  });
});

test('types come from references, too', () => {
  const inner = (type: string) => JSON.stringify({ type: 'record', name: 'n.I', fields: [{ name: 'x', type }] });
  const outer = JSON.stringify(field('n.I'));
  expect(compatible(parseSchema(outer, [inner('long')]), parseSchema(outer, [inner('int')]))).toEqual([]);
  expect(compatible(parseSchema(outer, [inner('int')]), parseSchema(outer, [inner('long')]))).toMatchObject([
    { errorType: 'TYPE_MISMATCH', path: '/fields/0/type/fields/0/type' },
  ]);
});

describe('levels', () => {
  const older = [field('long'), field('int')].map((json) => ({ schema: parse(json) }));
  const backwardOnly = parse(record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 0 }));
  const wider = parse(field('long'));
  const rows: [Level, 'int, one field more with a default' | 'long', boolean][] = [
    ['NONE', 'long', true],
    ['BACKWARD', 'long', true],
    ['BACKWARD_TRANSITIVE', 'long', true],
    ['FORWARD', 'long', false],
    ['FORWARD_TRANSITIVE', 'long', false],
    ['FULL', 'long', false],
    ['FULL_TRANSITIVE', 'long', false],
    ['BACKWARD', 'int, one field more with a default', true],
    ['BACKWARD_TRANSITIVE', 'int, one field more with a default', false],
    ['FORWARD', 'int, one field more with a default', true],
    ['FORWARD_TRANSITIVE', 'int, one field more with a default', true],
    ['FULL', 'int, one field more with a default', true],
    ['FULL_TRANSITIVE', 'int, one field more with a default', false],
  ];

  test.each(rows)('%s after long and int: %s fits %s', (level, which, fits) => {
    expect(checkCompatibility(level, which === 'long' ? wider : backwardOnly, older) === undefined).toBe(fits);
  });

  test('the version that does not fit is named', () => {
    expect(checkCompatibility('BACKWARD_TRANSITIVE', backwardOnly, older)?.against).toBe(older[0]);
    expect(checkCompatibility('NONE', parse('string'), older)).toBeUndefined();
    expect(checkCompatibility('FULL_TRANSITIVE', wider, [])).toBeUndefined();
  });
});

test('2,000 random pairs: the same answer as avsc gives', () => {
  const random = seeded(seedOfRun());
  const dice: Dice = (below) => Math.floor(random() * below);
  const counts = { readable: 0, unreadable: 0 };
  for (let pair = 0; pair < 2_000; pair += 1) {
    const { writer, reader } = randomPair(dice);
    const mine = compatible(parse(reader), parse(writer)).length === 0;
    const theirs = resolves(reader, writer);
    if (mine !== theirs) throw new Error(`pair ${pair}: ${JSON.stringify({ writer, reader, mine, theirs })}`);
    // The one difference: Java, and so the real registry, lets the namespace change; avsc does not. An alias moves with it.
    const moved = parse({ ...reader, namespace: 'elsewhere' });
    if (!JSON.stringify(reader).includes('"aliases":["N'))
      expect(compatible(moved, parse(writer)).length === 0).toBe(mine);
    counts[mine ? 'readable' : 'unreadable'] += 1;
  }
  process.stderr.write(`${counts.readable} pairs are readable, ${counts.unreadable} are not\n`);
  // A generator that only ever makes one kind would prove nothing.
  expect(Math.min(counts.readable, counts.unreadable)).toBeGreaterThan(300);
});

function resolves(reader: unknown, writer: unknown): boolean {
  const [r, w] = [reader, writer].map((json) => Type.forSchema(json as AvscSchema));
  try {
    r?.createResolver(w as Type);
    return true;
  } catch {
    return false;
  }
}
