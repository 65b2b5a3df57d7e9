import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SchemaLogEntry } from '../../../src/contract/schema-log.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { memoryLog, type MemoryLog } from './memory-log.ts';
import { restClient, type RestClient } from './rest-client.ts';

let log: MemoryLog;
let running: RunningRegistry;
let registry: RestClient;

beforeEach(async () => {
  log = memoryLog();
  running = await startRegistry({ log });
  registry = restClient(running.url);
});

afterEach(() => running.close());

const record = (...names: string[]) => ({
  type: 'record',
  name: 'T',
  fields: names.map((name) => ({ name, type: 'int' })),
});
const text = (...names: string[]) => JSON.stringify(record(...names));
const json = async (path: string) => (await registry.get(path)).json;

test('what a fresh registry says of itself', async () => {
  expect(await json('/')).toEqual({});
  expect(await json('/subjects')).toEqual([]);
  expect(await json('/subjects/')).toEqual([]);
  expect(await json('/schemas')).toEqual([]);
  expect(await json('/schemas/types')).toEqual(['AVRO']);
  expect(await json('/contexts')).toEqual(['.']);
  expect(await json('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
  expect(await json('/mode')).toEqual({ mode: 'READWRITE' });
  expect(await json('/v1/metadata/version')).toMatchObject({ version: '7.6.0' });
  expect(await json('/v1/metadata/id')).toMatchObject({ id: '' });
});

describe('lists', () => {
  beforeEach(async () => {
    await registry.put('/config', { compatibility: 'NONE' });
    for (const subject of ['b', 'ab', 'aa']) await registry.register(subject, record('x'));
    await registry.register('aa', record('y'));
    await registry.delete('/subjects/ab');
    await registry.delete('/subjects/aa/versions/1');
  });

  test.each([
    ['/subjects', ['aa', 'b']],
    ['/subjects?deleted=true', ['aa', 'ab', 'b']],
    ['/subjects?deletedOnly=true', ['ab']],
    ['/subjects?subjectPrefix=a&deleted=true', ['aa', 'ab']],
    ['/subjects?subjectPrefix=:*:', ['aa', 'b']],
    ['/subjects?deleted=true&offset=1&limit=1', ['ab']],
    ['/subjects?offset=1', ['b']],
    ['/subjects/aa/versions', [2]],
    ['/subjects/aa/versions?deleted=true', [1, 2]],
    ['/subjects/aa/versions?deletedOnly=true', [1]],
    ['/schemas/ids/1/subjects', ['b']],
    ['/schemas/ids/1/subjects?deleted=true', ['aa', 'ab', 'b']],
    ['/schemas/ids/1/versions', [{ subject: 'b', version: 1 }]],
    ['/schemas/ids/1/versions?deleted=true&subject=aa', [{ subject: 'aa', version: 1 }]],
  ])('%s', async (path, list) => {
    expect(await json(path)).toEqual(list);
  });

  test('/schemas', async () => {
    expect(await json('/schemas?subjectPrefix=a')).toEqual([{ subject: 'aa', version: 2, id: 2, schema: text('y') }]);
    expect(await json('/schemas?deleted=true&latestOnly=true')).toMatchObject([
      { subject: 'aa', version: 2 },
      { subject: 'ab', version: 1 },
      { subject: 'b', version: 1 },
    ]);
  });
});

test('a schema by its id', async () => {
  const id = await registry.register('s', record('a'));
  expect(await json(`/schemas/ids/${id}`)).toEqual({ schema: text('a') });
  expect(await json(`/schemas/ids/${id}?fetchMaxId=true`)).toEqual({ schema: text('a'), maxId: id });
  expect((await registry.get(`/schemas/ids/${id}/schema`)).text).toBe(text('a'));
  expect((await registry.get('/subjects/s/versions/latest/schema')).text).toBe(text('a'));
});

test('levels: a subject without its own has none to show, and NONE of a subject wins over all', async () => {
  expect((await registry.put('/config', { compatibility: 'FULL' })).json).toEqual({ compatibility: 'FULL' });
  expect(await json('/config/s?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'FULL' });
  await registry.put('/config/s', { compatibility: 'NONE' });
  await registry.register('s', record('a'));
  await registry.register('s', record('b'));
  expect((await registry.delete('/config/s')).json).toEqual({ compatibilityLevel: 'NONE' });
  expect((await registry.get('/config/s')).status).toBe(404);
  expect((await registry.delete('/config')).json).toEqual({ compatibilityLevel: 'FULL' });
  expect(await json('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
});

test('compatibility with reasons', async () => {
  await registry.register('s', record('a'));
  const path = '/compatibility/subjects/s/versions';
  const check = async (query: string, schema: string) => (await registry.post(`${path}${query}`, { schema })).json;
  expect(await check('/latest', text('a', 'b'))).toEqual({ is_compatible: false });
  expect(await check('?verbose=true', text('a'))).toEqual({ is_compatible: true, messages: [] });
  expect(await check('/1?verbose=true', text('a', 'b'))).toMatchObject({
    is_compatible: false,
    messages: [
      expect.stringContaining('READER_FIELD_MISSING_DEFAULT_VALUE'),
      '{oldSchemaVersion: 1}',
      `{oldSchema: '${text('a')}'}`,
      "{validateFields: 'false', compatibility: 'BACKWARD'}",
    ],
  });
  expect(await check('/latest?verbose=true', '"foo"')).toMatchObject({ is_compatible: false });
  expect((await registry.post(`${path}/latest`, { schema: '"foo"' })).status).toBe(422);
});

test('normalize folds what differs only in the order of properties', async () => {
  const schemas = ['{"type":"int","b":1,"a":2}', '{"type":"int","a":2,"b":1}'];
  const ids = await Promise.all(
    schemas.map(async (schema) => (await registry.post('/subjects/s/versions?normalize=true', { schema })).json),
  );
  expect(ids).toEqual([{ id: 1 }, { id: 1 }]);
  expect(await registry.register('s', { type: 'int', b: 1, a: 2 })).toBe(2);
});

test('modes: nothing new while read-only, ids as given while importing', async () => {
  await registry.register('s', record('a'));
  await registry.put('/mode', { mode: 'READONLY_OVERRIDE' });
  await registry.put('/mode/s', { mode: 'READWRITE' });
  expect(await json('/mode/s')).toEqual({ mode: 'READONLY_OVERRIDE' });
  expect(await registry.register('s', record('a'))).toBe(1);
  expect((await registry.delete('/subjects/s')).status).toBe(422);
  await registry.put('/mode', { mode: 'READWRITE' });
  expect((await registry.delete('/mode/s')).json).toEqual({ mode: 'READWRITE' });
  await registry.put('/mode/i', { mode: 'IMPORT' });
  expect(await registry.register('i', record('q'), { id: 40, version: 5 })).toBe(40);
  expect(await json('/subjects/i/versions')).toEqual([5]);
  await registry.delete('/mode/i');
  expect(await registry.register('s', record())).toBe(41);
});

test('a deleted subject loses its level and begins after its old versions', async () => {
  await registry.register('s', record('a'));
  await registry.put('/config/s', { compatibility: 'FULL' });
  expect((await registry.delete('/subjects/s')).json).toEqual([1]);
  expect((await registry.get('/config/s')).status).toBe(404);
  expect(await registry.register('s', record('z'))).toBe(2);
  expect(await json('/subjects/s/versions')).toEqual([2]);
  // The same schema again: its id comes back under a new version, and the deleted one is gone for good.
  expect(await registry.register('s', record('z'))).toBe(2);
  await registry.delete('/subjects/s');
  expect(await registry.register('s', record('z'))).toBe(2);
  expect(await json('/subjects/s/versions?deleted=true')).toEqual([1, 3]);
});

test('a log that ends at the deletion of a subject leaves no level behind, and later versions stay', async () => {
  const schema = (version: number): SchemaLogEntry => ({
    key: { keytype: 'SCHEMA', subject: 's', version, magic: 1 },
    value: { subject: 's', version, id: version, schema: `"int${version}"`, deleted: false },
  });
  const entries: SchemaLogEntry[] = [
    { key: { keytype: 'CONFIG', subject: 's', magic: 0 }, value: { subject: 's', compatibilityLevel: 'FULL' } },
    { key: { keytype: 'MODE', subject: 's', magic: 0 }, value: { subject: 's', mode: 'READONLY' } },
    schema(1),
    schema(2),
    { key: { keytype: 'DELETE_SUBJECT', subject: 's', magic: 0 }, value: { subject: 's', version: 1 } },
  ];
  const other = await startRegistry({ log: memoryLog(entries) });
  try {
    const client = restClient(other.url);
    expect((await client.get('/config/s')).status).toBe(404);
    expect((await client.get('/mode/s')).status).toBe(404);
    expect((await client.get('/subjects/s/versions')).json).toEqual([2]);
  } finally {
    await other.close();
  }
});

test('references of references are found, in whichever order they must be read', async () => {
  const of = (name: string, ...types: string[]) => ({
    type: 'record',
    name,
    fields: types.map((type, at) => ({ name: `f${at}`, type })),
  });
  const to = (...names: string[]) => ({ references: names.map((name) => ({ name, subject: name, version: -1 })) });
  await registry.register('A', of('A'));
  await registry.register('B', of('B', 'A'), to('A'));
  await registry.register('C', of('C', 'B', 'A'), to('B', 'A'));
  await registry.register('D', of('D', 'C', 'B'), to('C', 'B'));
  expect(await json('/subjects/D/versions/1')).toMatchObject({
    schema: JSON.stringify(of('D', 'C', 'B')),
    references: [
      { name: 'C', subject: 'C', version: 1 },
      { name: 'B', subject: 'B', version: 1 },
    ],
  });
  expect(await json('/subjects/A/versions/1/referencedby')).toEqual([2, 3]);
  const check = await registry.post('/compatibility/subjects/D/versions/1', { schema: JSON.stringify(of('D')) });
  expect(check.json).toEqual({ is_compatible: true });
});

test('an id is not given twice, not even after a permanent deletion', async () => {
  await registry.register('s', record('a'));
  await registry.delete('/subjects/s');
  expect((await registry.delete('/subjects/s?permanent=true')).json).toEqual([1]);
  expect((await registry.get('/schemas/ids/1')).status).toBe(404);
  expect(await registry.register('s', record('b'))).toBe(2);
});

test('fifty registrations of one schema at once are one version with one id', async () => {
  const ids = await Promise.all(Array.from({ length: 50 }, () => registry.register('s', record('a'))));
  expect(new Set(ids)).toEqual(new Set([1]));
  expect(log.entries).toHaveLength(1);
});

test('fifty schemas at once are fifty versions with fifty ids', async () => {
  await registry.put('/config', { compatibility: 'NONE' });
  const ids = await Promise.all(Array.from({ length: 50 }, (_, at) => registry.register('s', record(`f${at}`))));
  expect(new Set(ids).size).toBe(50);
  expect(await json('/subjects/s/versions')).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
});

test('an append that fails is 50001, changes nothing, and the next one goes', async () => {
  await registry.register('s', record('a'));
  log.failWith(new Error('the disk is full'));
  const refused = { error_code: 50001, message: 'Error in the backend data store: Error: the disk is full' };
  expect(await registry.post('/subjects/s/versions', { schema: text() })).toMatchObject({ status: 500, json: refused });
  expect((await registry.put('/config', { compatibility: 'NONE' })).json).toEqual(refused);
  expect((await registry.delete('/subjects/s')).json).toEqual(refused);
  expect(await json('/subjects/s/versions')).toEqual([1]);
  expect(await json('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
  log.failWith(undefined);
  expect(await registry.register('s', record())).toBe(2);
});
