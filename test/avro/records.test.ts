import { describe, expect, test } from '@jest/globals';
import { ownType } from '../../src/avro/types.ts';
import { Type } from '../../src/avro/avsc.ts';
import { readerOf, schemaText, typeNamed, writerOf } from '../../src/avro/own-types.ts';
import { openReader } from '../../src/avro/reader.ts';
import type { SchemaSource } from '../../src/avro/schema-source.ts';
import { openWriter } from '../../src/avro/writer.ts';
import type { SchemaName } from '../../src/contract/index.ts';
import { DownlinkError } from '../../src/errors.ts';
import { validRecords } from '../support/samples.ts';

const foreign = (schema: string): Type => Type.forSchema(JSON.parse(schema) as Parameters<typeof Type.forSchema>[0]);
const sourceOf = (types: Record<number, Type>): SchemaSource & { asked: number[] } => {
  const asked: number[] = [];
  const typeOf = (id: number) => {
    asked.push(id);
    const type = types[id];
    return type ? Promise.resolve(type) : Promise.reject(new DownlinkError('schema-unknown', `no schema ${id}`));
  };
  return { asked, typeOf };
};
const record = (fields: readonly object[], name = 'T', namespace = 'n') =>
  JSON.stringify({ type: 'record', name, namespace, fields });

/** The code of the error that reading ends with. */
async function codeOf(read: () => unknown): Promise<string> {
  try {
    await read();
    return 'no error';
  } catch (thrown) {
    return thrown instanceof DownlinkError ? thrown.code : `not ours: ${String(thrown)}`;
  }
}

test.each(Object.entries(validRecords))('%s comes back as it was written', async (name, value) => {
  // Registries hold the plain schema: a foreign reader of downlink's topics knows no float32 columns.
  const source = sourceOf({ 7: foreign(schemaText(name as SchemaName)) });
  const bytes = writerOf(name as SchemaName, 7).encode(value);
  expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 7]);
  const read: unknown = await readerOf(source, [name as SchemaName]).decode(bytes);
  expect(read).toMatchObject(rounded(value));
});

/** Plain `float` arrays come back as float32; columns already are. */
function rounded(value: object): object {
  const entries = Object.entries(value).map(([key, v]: [string, unknown]) => [
    key,
    key === 'values' && Array.isArray(v) ? v.map((x) => Math.fround(x as number)) : v,
  ]);
  return Object.fromEntries(entries) as object;
}

test('a topic that carries two schemas is read through one reader', async () => {
  const source = sourceOf({ 1: typeNamed('telemetry'), 2: typeNamed('telemetry-block') });
  const reader = readerOf(source, ['telemetry', 'telemetry-block']);
  expect(await reader.decode(writerOf('telemetry', 1).encode(validRecords.telemetry))).toMatchObject({ index: 7 });
  expect(await reader.decode(writerOf('telemetry-block', 2).encode(validRecords['telemetry-block']))).toMatchObject({
    indices: [7, 8, 9],
  });
});

describe('evolution', () => {
  const old = record([{ name: 'a', type: 'int' }]);
  const added = record([
    { name: 'a', type: 'long' },
    { name: 'b', type: { type: 'array', items: 'string' }, default: ['none'] },
  ]);

  test('a reader that is newer fills in what the writer did not know', async () => {
    const bytes = openWriter<object>(foreign(old), 1).encode({ a: 5 });
    expect(await openReader(sourceOf({ 1: foreign(old) }), [ownType(added)]).decode(bytes)).toMatchObject({
      a: 5,
      b: ['none'],
    });
  });

  test('a reader that is older passes over what it does not know', async () => {
    const wide = record([
      { name: 'x', type: { type: 'array', items: 'string' } },
      { name: 'a', type: 'int' },
      { name: 'y', type: { type: 'map', values: 'double' } },
    ]);
    const bytes = openWriter<object>(foreign(wide), 1).encode({ x: ['p', 'q'], a: 5, y: { k: 1 } });
    expect(await openReader(sourceOf({ 1: foreign(wide) }), [ownType(old)]).decode(bytes)).toEqual({ a: 5 });
  });

  test('another namespace is the same record, as registries see it', async () => {
    const moved = record([{ name: 'a', type: 'int' }], 'T', 'elsewhere');
    const bytes = openWriter<object>(foreign(moved), 1).encode({ a: 5 });
    expect(await openReader(sourceOf({ 1: foreign(moved) }), [ownType(old)]).decode(bytes)).toMatchObject({ a: 5 });
  });

  test('an incompatible writer is a rejected record, and the next records do not ask again', async () => {
    const other = record([{ name: 'z', type: 'string' }]);
    const source = sourceOf({ 1: foreign(other) });
    const reader = openReader(source, [ownType(old)]);
    const bytes = openWriter<object>(foreign(other), 1).encode({ z: 's' });
    for (let i = 0; i < 3; i++) expect(await codeOf(() => reader.decode(bytes))).toBe('schema-unreadable');
    expect(source.asked).toEqual([1]);
  });
});

describe('bytes that lie are a rejected record', () => {
  const telemetry = typeNamed('telemetry');
  const valid = writerOf('telemetry', 1).encode({ ...validRecords.telemetry, labels: null });
  const reader = readerOf(sourceOf({ 1: telemetry }), ['telemetry']);
  const bomb = (items: Type, body: readonly number[]) => ({
    type: items,
    bytes: Buffer.from([0, 0, 0, 0, 1, ...body]),
  });

  test.each([
    ['nothing at all', Buffer.alloc(0), 'record-unframed'],
    ['a wrong first byte', Buffer.from([1, ...valid.subarray(1)]), 'record-unframed'],
    ['only a header', valid.subarray(0, 5), 'record-corrupt'],
    ['cut short', valid.subarray(0, -3), 'record-corrupt'],
    ['bytes too many', Buffer.concat([valid, Buffer.from([0])]), 'record-corrupt'],
    ['an id that the registry does not have', Buffer.from([0, 0, 0, 0, 99, ...valid.subarray(5)]), 'schema-unknown'],
  ])('%s', async (_, bytes, code) => {
    expect(await codeOf(() => reader.decode(bytes))).toBe(code);
  });

  const long = [0xfe, 0xff, 0xff, 0xff, 0x0f]; // 2^31 - 1
  const strings = foreign(record([{ name: 'a', type: { type: 'array', items: 'string' } }]));
  const maps = foreign(record([{ name: 'a', type: { type: 'map', values: 'double' } }]));
  const backwards = [0x01, 0x0b]; // a block of -1 items that says it is -6 bytes long

  test.each([
    ['an array of 2^31 items in nine bytes', bomb(strings, [...long, 0, 0, 0, 0]), ['a']],
    ['a map of 2^31 entries', bomb(maps, [...long, 0]), ['a']],
    ['an array to be passed over that announces 2^31 items', bomb(strings, [...long, 0]), []],
    ['a map to be passed over that announces 2^31 entries', bomb(maps, [...long, 0]), []],
    [
      'an array to be passed over whose block goes backwards',
      bomb(strings, [...backwards, ...backwards, ...backwards, 0]),
      [],
    ],
    ['an array whose count never ends', bomb(strings, [...Array<number>(400).fill(0x80), 0, 0]), ['a']],
    [
      'an array to be passed over whose counts never end',
      bomb(strings, [...Array<number>(900).fill(0x80), 1, 1, 1]),
      [],
    ],
    [
      'a map to be passed over whose block goes backwards',
      bomb(maps, [...backwards, ...backwards, ...backwards, 0]),
      [],
    ],
  ])('%s, in under 5 ms', async (_, { type, bytes }, kept) => {
    const fields = (type.schema() as { fields: readonly { name: string }[] }).fields;
    const mine = ownType(record(fields.filter(({ name }) => (kept as readonly string[]).includes(name))));
    const bombed = openReader(sourceOf({ 1: type }), [mine]);
    await codeOf(() => bombed.decode(bytes));
    // The fastest of some, so that a pause of the machine is not taken for the bomb's work.
    const times: number[] = [];
    for (let tries = 0; tries < 5; tries++) {
      const began = performance.now();
      expect(await codeOf(() => bombed.decode(bytes))).toBe('record-corrupt');
      times.push(performance.now() - began);
    }
    expect(Math.min(...times)).toBeLessThan(5);
  });

  test('a symbol that the enum does not have', async () => {
    const type = foreign(record([{ name: 'e', type: { type: 'enum', name: 'E', symbols: ['X', 'Y'] } }]));
    const bytes = Buffer.from([0, 0, 0, 0, 1, 4]);
    expect(await codeOf(() => openReader(sourceOf({ 1: type }), [type]).decode(bytes))).toBe('record-corrupt');
  });

  test('a column that is no whole number of floats', async () => {
    const { satellite_id, entity } = validRecords.samples;
    const plain = foreign(schemaText('samples'));
    const bytes = openWriter<object>(plain, 1).encode({
      satellite_id,
      entity,
      timestamps: [],
      indices: null,
      values: Buffer.alloc(7),
    });
    expect(await codeOf(() => readerOf(sourceOf({ 1: plain }), ['samples']).decode(bytes))).toBe('record-corrupt');
  });

  test('a schema of weightless items, and one that holds only itself, are unreadable', async () => {
    const nulls = foreign(record([{ name: 'a', type: { type: 'array', items: 'null' } }]));
    expect(await codeOf(() => openReader(sourceOf({ 1: nulls }), [nulls]).decode(valid))).toBe('schema-unreadable');
    const self = foreign(record([{ name: 'next', type: 'T' }]));
    expect(await codeOf(() => openReader(sourceOf({ 1: self }), [self]).decode(valid))).toBe('record-corrupt');
  });
});

test('the registry is asked once an id, however many records wait for it, and not again while it is down longer than needed', async () => {
  let up = false;
  const asked: number[] = [];
  const source: SchemaSource = {
    typeOf: (id) => {
      asked.push(id);
      return up
        ? Promise.resolve(typeNamed('telemetry'))
        : Promise.reject(new DownlinkError('registry-unavailable', 'down'));
    },
  };
  const reader = readerOf(source, ['telemetry']);
  const bytes = writerOf('telemetry', 3).encode(validRecords.telemetry);
  expect(await Promise.all([1, 2, 3].map(() => codeOf(() => reader.decode(bytes))))).toEqual(
    Array(3).fill('registry-unavailable'),
  );
  expect(asked).toEqual([3]);
  up = true;
  expect(await Promise.all([1, 2, 3].map(() => codeOf(() => reader.decode(bytes))))).toEqual(Array(3).fill('no error'));
  expect(asked).toEqual([3, 3]);
  expect(reader.decode(bytes)).not.toBeInstanceOf(Promise);
});

test('a value that does not fit is refused with the names of its fields', () => {
  const { telemetry } = validRecords;
  const write = () => writerOf('telemetry', 1).encode({ ...telemetry, values: [1, 'x'] as never, entity: 5 as never });
  expect(write).toThrow('record-unencodable: downlink.Telemetry: entity is no string, values.1 is no float');
});

test('a record larger than any before is written whole', async () => {
  const labels = Array.from({ length: 40_000 }, (_, i) => `label ${i}`);
  const bytes = writerOf('telemetry', 1).encode({ ...validRecords.telemetry, labels });
  const read = await readerOf(sourceOf({ 1: typeNamed('telemetry') }), ['telemetry']).decode(bytes);
  expect(read.labels).toEqual(labels);
});
