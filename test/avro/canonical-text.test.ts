import { describe, expect, test } from '@jest/globals';
import { canonicalText, normalizedText } from '../../src/avro/canonical-text.ts';
import { InvalidSchema } from '../../src/avro/parse-schema.ts';

const record = (fields: string, more = '') => `{"type":"record","name":"R"${more},"fields":[${fields}]}`;
const field = (type: string, more = '') => record(`{"name":"a","type":${type}${more}}`);

describe('the text is what Java Avro 1.12 prints', () => {
  // Right-hand sides were printed by org.apache.avro.Schema.toString().
  const rows: [name: string, schema: string, text: string][] = [
    ['a primitive is a bare name', ' { "type" : "int" } ', '"int"'],
    [
      'a primitive with properties is not',
      '{"type":"int","doc":"x","foo":{"b":1,"a":2}}',
      '{"type":"int","foo":{"b":1,"a":2}}',
    ],
    [
      'attributes have an order of their own',
      '{"name":"A","type":"record","fields":[{"default":1,"doc":"d","type":{"type":"int"},"name":"x","aliases":["b"],"foo":1}],"namespace":"n","aliases":["Q"],"doc":"D","z":{"a": 1.0}}',
      '{"type":"record","name":"A","namespace":"n","doc":"D","fields":[{"name":"x","type":"int","doc":"d","default":1,"aliases":["b"],"foo":1}],"z":{"a":1.0},"aliases":["Q"]}',
    ],
    [
      'a namespace is written where it changes',
      '{"type":"record","name":"q.C","fields":[{"name":"y","type":{"type":"fixed","size":3,"name":"F","namespace":"","aliases":["z.G"]}},{"name":"z","type":["null","C","int"]}]}',
      '{"type":"record","name":"C","namespace":"q","fields":[{"name":"y","type":{"type":"fixed","name":"F","namespace":"","size":3,"aliases":["z.G"]}},{"name":"z","type":["null","C","int"]}]}',
    ],
    [
      'a number keeps all its digits',
      field('"long"', ',"default":9223372036854775807'),
      field('"long"', ',"default":9223372036854775807'),
    ],
    ['floating point as Java writes it', field('"double"', ',"default":1e10'), field('"double"', ',"default":1.0E10')],
    ['a small one', field('"double"', ',"default":0.0001'), field('"double"', ',"default":1.0E-4')],
    ['1 and 1.0 are two', field('"double"', ',"default":1'), field('"double"', ',"default":1')],
    ['the usual order is not written', field('"int"', ',"order":"ascending"'), field('"int"')],
    ['another is', field('"int"', ',"order":"IGNORE"'), field('"int"', ',"order":"ignore"')],
    [
      'an enum',
      '{"symbols":["A"],"default":"A","default2":1,"doc":"d","name":"E","type":"enum"}',
      '{"type":"enum","name":"E","doc":"d","symbols":["A"],"default":"A","default2":1}',
    ],
    [
      'an array keeps what else it has',
      '{"items":"int","default":[],"type":"array"}',
      '{"type":"array","items":"int","default":[]}',
    ],
    [
      'a logical type',
      '{"scale":2,"type":"bytes","logicalType":"decimal","precision":4}',
      '{"type":"bytes","scale":2,"logicalType":"decimal","precision":4}',
    ],
    ['keys that look like numbers stay in their order', '{"type":"int","2":1,"1":2}', '{"type":"int","2":1,"1":2}'],
  ];

  test.each(rows)('%s', (_, schema, text) => {
    expect(canonicalText(schema)).toBe(text);
    expect(canonicalText(text)).toBe(text);
  });
});

test('a doc, an alias and a default make another schema; white space and order do not', () => {
  const plain = canonicalText(field('"int"'));
  expect(canonicalText('{ "fields" : [ {"type":"int", "name":"a"} ],\n"name":"R","type":"record" }')).toBe(plain);
  for (const more of [',"doc":"d"', ',"aliases":["b"]', ',"default":0'])
    expect(canonicalText(field('"int"', more))).not.toBe(plain);
});

test('what a reference defines stays a name', () => {
  const inner = '{"type":"record","name":"I","namespace":"n","fields":[]}';
  const outer = '{"type":"record","name":"n.O","fields":[{"name":"i","type":"n.I"}]}';
  expect(canonicalText(outer, [inner])).toBe(
    '{"type":"record","name":"O","namespace":"n","fields":[{"name":"i","type":"I"}]}',
  );
  expect(() => canonicalText(outer)).toThrow('Undefined name: "n.I" (at /fields/0/type)');
});

test('normalised, properties and aliases are in the order of their names', () => {
  const schema =
    '{"type":"fixed","name":"F","size":4,"z":{"b":1,"a":2},"y":1,"logicalType":"decimal","aliases":["Q","B"],"doc":""}';
  expect(normalizedText(schema)).toBe(
    '{"type":"fixed","name":"F","size":4,"logicalType":"decimal","y":1,"z":{"a":2,"b":1},"aliases":["B","Q"]}',
  );
});

describe('what is no schema is refused, with its place', () => {
  const rows: [name: string, schema: string, message: string][] = [
    ['no text', ' \n', 'Empty schema'],
    ['no JSON', 'nonsense', 'not JSON at character 1'],
    ['cut short', '{"type":', 'the text ends too early at character 9'],
    ['something after the end', '"int" x', 'dangling content after the end at character 6'],
    ['no type', '{"name":"x"}', 'No type'],
    ['an unknown type', field('"foo"'), 'Undefined name: "foo" (at /fields/0/type)'],
    ['no name', '{"type":"record","fields":[]}', 'No name in schema'],
    ['a bad name', '{"type":"record","name":"a-b","fields":[]}', 'Illegal character in: a-b'],
    ['a bad namespace', record('', ',"namespace":"a-b"'), 'Illegal character in: a-b'],
    [
      'the name of a primitive',
      '{"type":"fixed","name":"int","size":1}',
      'Schemas may not be named after primitives: int',
    ],
    ['a bad field name', record('{"name":"1a","type":"int"}'), 'Illegal character in: 1a (at /fields/0)'],
    ['a field without name', record('{"type":"int"}'), 'No field name (at /fields/0)'],
    ['a field without type', record('{"name":"a"}'), 'No field type (at /fields/0)'],
    [
      'a field twice',
      record('{"name":"a","type":"int"},{"name":"a","type":"int"}'),
      'Duplicate field a in record R (at /fields/1)',
    ],
    ['a branch twice', field('["int","int"]'), 'Duplicate in union:int (at /fields/0/type/1)'],
    ['a union in a union', field('["int",["string"]]'), 'Nested union (at /fields/0/type/1)'],
    ['a type twice', field('{"type":"record","name":"R","fields":[]}'), "Can't redefine: R (at /fields/0/type)"],
    ['a symbol twice', '{"type":"enum","name":"E","symbols":["A","A"]}', 'Duplicate enum symbol: A (at /symbols/1)'],
    ['a bad symbol', '{"type":"enum","name":"E","symbols":["A-"]}', 'Illegal character in: A- (at /symbols/0)'],
    [
      'an enum default of no symbol',
      '{"type":"enum","name":"E","symbols":["A"],"default":"B"}',
      'The Enum Default: B is not in the enum symbol set: [A]',
    ],
    ['a fixed without size', '{"type":"fixed","name":"F"}', 'Invalid or no size (at /size)'],
    ['an array without items', '{"type":"array"}', 'Array has no items type'],
    ['a map without values', '{"type":"map"}', 'Map has no values type'],
    ['an unknown order', field('"int"', ',"order":"up"'), 'Unknown order: up (at /fields/0/order)'],
    ['aliases that are no list', record('', ',"aliases":"x"'), 'aliases not an array'],
    [
      'a default of another type',
      field('"int"', ',"default":"x"'),
      'Invalid default for field a (at /fields/0/default)',
    ],
    [
      'a default with a fraction',
      field('"int"', ',"default":1.0'),
      'Invalid default for field a (at /fields/0/default)',
    ],
    [
      'a default that is too big',
      field('"int"', ',"default":2147483648'),
      'Invalid default for field a (at /fields/0/default)',
    ],
    [
      'null where it is not the first branch',
      field('["int","null"]', ',"default":null'),
      'Invalid default for field a (at /fields/0/default)',
    ],
    [
      'a record default that lacks a field',
      field('{"type":"record","name":"I","fields":[{"name":"q","type":"int"}]}', ',"default":{}'),
      'Invalid default for field a (at /fields/0/default)',
    ],
    ['too deep', '['.repeat(10_000), 'more than 500 levels at character 503'],
  ];

  test.each(rows)('%s', (_, schema, message) => {
    expect(() => canonicalText(schema)).toThrow(new InvalidSchema(message, ''));
  });
});
