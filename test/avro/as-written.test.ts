import { expect, test } from '@jest/globals';
import { openAsWritten } from '../../src/avro/as-written.ts';
import { Type } from '../../src/avro/avsc.ts';
import type { SchemaSource } from '../../src/avro/schema-source.ts';
import { shownTypes } from '../../src/avro/shown-types.ts';
import { DownlinkError } from '../../src/errors.ts';

type Parsed = Parameters<typeof Type.forSchema>[0];

/** A registry of these schemas, whose ids count from 1; and how often it was asked. */
function registryOf(...schemas: readonly unknown[]): SchemaSource & { asked: number } {
  const source = {
    asked: 0,
    typeOf: (id: number) => {
      source.asked += 1;
      const schema = schemas[id - 1];
      if (schema === undefined) return Promise.reject(new DownlinkError('schema-unknown', `no schema ${id}`));
      return Promise.resolve(Type.forSchema(schema as Parsed, { ...shownTypes }));
    },
  };
  return source;
}

const framed = (id: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, id]), ...parts]);
const field = (name: string, type: unknown) => ({ name, type });
const record = (...fields: readonly object[]) => ({ type: 'record', name: 'R', namespace: 'n', fields });
const long = (number: number): Buffer => Type.forSchema('long').toBuffer(number);
/** 1_767_225_600_123_456_789, which avsc itself cannot write either. */
const nanos = Buffer.from([0xaa, 0xb4, 0xae, 0xd5, 0xbe, 0x94, 0xb9, 0x86, 0x31]);

test('integers beyond 2^53 are bigints, others numbers; times are Dates while a calendar has them', async () => {
  const millis = { type: 'long', logicalType: 'timestamp-millis' };
  const fields = [field('nanos', 'long'), field('few', { type: 'long' }), field('at', millis), field('far', millis)];
  const bytes = framed(1, nanos, long(-42), long(1_000_000), long(9e15));
  expect(await openAsWritten(registryOf(record(...fields))).decode(bytes)).toEqual({
    schema: { id: 1, name: 'n.R' },
    value: { nanos: 1_767_225_600_123_456_789n, few: -42, at: new Date(1_000_000), far: 9e15 },
  });
});

test('float32 numbers have no more digits than they need, in columns and outside of them', async () => {
  const column = { type: 'bytes', logicalType: 'float32-column' };
  const schema = record(
    field('one', 'float'),
    field('list', { type: 'array', items: 'float' }),
    field('column', column),
  );
  const floats = Float32Array.of(0.1, 16_777_217, -1.17549435e-38);
  const all = Buffer.from(floats.buffer);
  const bytes = framed(1, all.subarray(0, 4), long(3), all, long(0), long(12), all);
  const { value } = await openAsWritten(registryOf(schema)).decode(bytes);
  const shown = [0.1, 16_777_216, -1.1754944e-38];
  expect(value).toEqual({ one: 0.1, list: shown, column: shown });
  expect(Array.from(shown, Math.fround)).toEqual([...floats]);
});

test('defaults of the schema are no reason to fail, in unions of numbers as well', async () => {
  const times = { type: 'long', logicalType: 'timestamp-millis' };
  const inner = { ...record({ ...field('d', ['float', 'double']), default: 0.5 }), name: 'I' };
  const schema = record(
    { ...field('n', 'long'), default: 7 },
    { ...field('t', [times, 'double', 'null']), default: 0 },
    field('i', ['null', inner]),
    field('again', 'I'),
  );
  const double = Type.forSchema('double').toBuffer(0.25);
  const bytes = framed(1, long(1), long(0), long(5), long(1), long(1), double, long(1), double);
  const { value } = await openAsWritten(registryOf(schema)).decode(bytes);
  expect(value).toEqual({ n: 1, t: new Date(5), i: { d: 0.25 }, again: { d: 0.25 } });
});

test('what cannot be decoded fails by name, and a schema is asked for once', async () => {
  const weightless = { type: 'array', items: { type: 'record', name: 'Nothing', fields: [] } };
  const registry = registryOf(record(field('b', { type: 'bytes', logicalType: 'float32-column' })), weightless);
  const reader = openAsWritten(registry);
  const failure = (bytes: Buffer) =>
    reader.decode(bytes).then(String, (error: unknown) => (error as DownlinkError).message);
  expect(await failure(Buffer.from('plain'))).toBe('record-unframed: the first byte is 112, not 0');
  expect(await failure(framed(1, long(12)))).toMatch(/^record-corrupt: the record is cut short/);
  expect(await failure(framed(1, long(3), Buffer.alloc(3)))).toBe('record-corrupt: a float32 column of 3 bytes');
  expect(await failure(framed(2, long(2 ** 40)))).toMatch(
    /^schema-unreadable: schema 2: an array of items that take no/,
  );
  expect([await failure(framed(9)), await failure(framed(9))]).toEqual(Array(2).fill('schema-unknown: no schema 9'));
  expect(registry.asked).toBe(3);
});
