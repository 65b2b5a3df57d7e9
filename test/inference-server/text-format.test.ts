import { expect, test } from '@jest/globals';
import { modelConfig } from '../../src/embedded/inference-server/config/field-table.ts';
import { readJsonFormat } from '../../src/embedded/inference-server/config/json-format.ts';
import { readTextFormat } from '../../src/embedded/inference-server/config/text-format.ts';
import { recording } from '../contract/inference/conversations.ts';
import { seeded, seedOfRun } from '../support/random.ts';

const read = (text: string) => readTextFormat(text, modelConfig);

test.each([
  [
    'a comment, and a colon before a message',
    '# why\nversion_policy: { all {} } # or not',
    { version_policy: { all: {} } },
  ],
  ['angle brackets', 'input < name: "x" >', { input: [{ name: 'x' }] }],
  ['a list of messages', 'input [ { name: "x" }, { name: "y" } ]', { input: [{ name: 'x' }, { name: 'y' }] }],
  ['a field again and again', 'input { name: "x" } input { name: "y" }', { input: [{ name: 'x' }, { name: 'y' }] }],
  ['a list of numbers', 'input { dims: [ -1, 0x10, 010 ] dims: 3 }', { input: [{ dims: [-1, 16, 8, 3] }] }],
  ['an empty list', 'input { dims: [] }', { input: [{ dims: [] }] }],
  ['separators', 'name: "a", max_batch_size: 4; platform: "p"', { name: 'a', max_batch_size: 4, platform: 'p' }],
  ['strings beside each other', `name: "a" 'b'\n"c"`, { name: 'abc' }],
  ['escapes', String.raw`name: "\x41\102\n\"\303\251\u00e9"`, { name: 'AB\n"éé' }],
  [
    'names and numbers of an enumeration',
    'input { data_type: TYPE_FP32 } input { data_type: 9 }',
    { input: [{ data_type: 'TYPE_FP32' }, { data_type: 'TYPE_INT64' }] },
  ],
  [
    'floats',
    'sequence_batching { direct { minimum_slot_utilization: 5e-1f } }',
    { sequence_batching: { direct: { minimum_slot_utilization: 0.5 } } },
  ],
  [
    'true and false',
    'input { optional: t } response_cache { enable: False }',
    { input: [{ optional: true }], response_cache: { enable: false } },
  ],
  [
    'an entry of a map',
    'parameters { key: "a" value: { string_value: "1" } }',
    { parameters: { a: { string_value: '1' } } },
  ],
  [
    '64 bits',
    'dynamic_batching { priority_levels: 18446744073709551615 }',
    { dynamic_batching: { priority_levels: 2n ** 64n - 1n } },
  ],
])('reads %s', (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['nmae: "x"', '1:1: ModelConfig has no field called nmae'],
  ['name: "a"\n  name: "b"', '2:3: name is there twice'],
  ['max_batch_size: 1.5', '1:17: max_batch_size must be an int32, found "1.5"'],
  ['max_batch_size: 4294967296', '1:17: max_batch_size must be an int32, found "4294967296"'],
  ['input { data_type: TYPE_FP33 }', '1:20: data_type must be one of'],
  ['dynamic_batching {}\nsequence_batching {}', "2:1: sequence_batching can't stand beside dynamic_batching"],
  ['input { name: "x"', '1:18: expected a field or "}", found the end of the text'],
  ['input { name: "x" >', '1:19: expected a field or "}", found ">"'],
  ['name "x"', '1:6: expected ":" after name'],
  ['name: "x', '1:7: the string does not end on its line'],
  ['max_batch_size: 4x', '1:17: 4x is no number'],
  ['name: @', '1:7: unexpected "@"'],
])('refuses %j', (text, says) => {
  expect(() => read(text)).toThrow(says);
});

test('what JSON says of a configuration is what its text says', () => {
  for (const { config_pbtxt: text } of Object.values(recording.models)) {
    expect(readJsonFormat(JSON.stringify(read(text)), modelConfig)).toEqual(read(text));
  }
  expect(() => readJsonFormat('{"max_batch_size":"x"}', modelConfig)).toThrow('max_batch_size must be an int32');
  expect(() => readJsonFormat('{"nope":1}', modelConfig)).toThrow('nope: ModelConfig has no such field');
});

test('a damaged text is read or refused, and nothing else', () => {
  const random = seeded(seedOfRun());
  const texts = Object.values(recording.models).map(({ config_pbtxt: text }) => text);
  for (let round = 0; round < 3000; round++) {
    const text = texts[round % texts.length] ?? '';
    const at = Math.floor(random() * text.length);
    const broken = text.slice(0, at) + String.fromCharCode(random() * 128) + text.slice(at + Math.floor(random() * 4));
    try {
      read(broken);
    } catch (thrown) {
      expect(thrown).toHaveProperty('name', 'TextError');
    }
  }
});
