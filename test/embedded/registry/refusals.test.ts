import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { memoryLog } from './memory-log.ts';
import { restClient, type RestClient } from './rest-client.ts';

let running: RunningRegistry;
let registry: RestClient;

const record = (...names: string[]) => ({
  type: 'record',
  name: 'T',
  fields: names.map((name) => ({ name, type: 'int' })),
});
const body = (schema: unknown) => ({ schema: JSON.stringify(schema) });

beforeAll(async () => {
  running = await startRegistry({ log: memoryLog() });
  registry = restClient(running.url);
  const one = body(record('a'));
  await registry.register('live', record('a'));
  await registry.register('gone', record('a'));
  await registry.delete('/subjects/gone');
  await registry.register('half', record('a'));
  await registry.put('/config/half', { compatibility: 'NONE' });
  await registry.register('half', record('b'));
  await registry.delete('/subjects/half/versions/1');
  await registry.register('used', record());
  const use = { type: 'record', name: 'U', fields: [{ name: 't', type: 'T' }] };
  await registry.register('user', use, { references: [{ name: 'T', subject: 'used', version: 1 }] });
  await registry.put('/mode/frozen', { mode: 'READONLY' });
  await registry.put('/mode/import', { mode: 'IMPORT' });
  await registry.post('/subjects/import/versions', { ...one, id: 77, version: 3 });
});

afterAll(() => running.close());

type Row = [method: 'get' | 'post' | 'put' | 'delete', path: string, body: unknown, code: number, message: string];

const notValid = (version: string) =>
  `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`;
const levels =
  'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive';
const misfit = `Schema being registered is incompatible with an earlier schema for subject "live", details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}, {oldSchemaVersion: 1}, {oldSchema: '{"type":"record","name":"T","fields":[{"name":"a","type":"int"}]}'}, {validateFields: 'false', compatibility: 'BACKWARD'}]`;
const used = 'One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=used,version=1}.';
const modes = 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT.';

const rows: Row[] = [
  ['post', '/subjects/live/versions', '{', 400, 'The request is no JSON: '],
  ['post', '/subjects/live/versions', '[]', 400, 'The request is no JSON object'],
  ['get', '/subjects/%zz/versions', undefined, 400, 'The path cannot be decoded: %zz'],
  ['get', '/nothing', undefined, 404, 'HTTP 404 Not Found'],
  ['get', '/schemas/ids/one', undefined, 404, 'HTTP 404 Not Found'],
  ['get', '/subjects?limit=x', undefined, 404, 'HTTP 404 Not Found'],
  ['put', '/subjects', {}, 405, 'HTTP 405 Method Not Allowed'],
  ['get', '/subjects/none/versions', undefined, 40401, "Subject 'none' not found."],
  ['get', '/subjects/none/versions/1', undefined, 40401, "Subject 'none' not found."],
  ['get', '/subjects/gone/versions/latest', undefined, 40401, "Subject 'gone' not found."],
  ['post', '/subjects/none', body(record('a')), 40401, "Subject 'none' not found."],
  ['delete', '/subjects/none', undefined, 40401, "Subject 'none' not found."],
  ['delete', '/config/live', undefined, 40401, "Subject 'live' not found."],
  ['get', '/subjects/live/versions/9', undefined, 40402, 'Version 9 not found.'],
  ['post', '/compatibility/subjects/none/versions/2', body('int'), 40402, 'Version 2 not found.'],
  ['post', '/subjects/live', body(record('z')), 40403, 'Schema not found'],
  ['get', '/schemas/ids/999', undefined, 40403, 'Schema 999 not found'],
  ['get', '/schemas/ids/999/versions', undefined, 40403, 'Schema 999 not found'],
  [
    'delete',
    '/subjects/gone',
    undefined,
    40404,
    "Subject 'gone' was soft deleted.Set permanent=true to delete permanently",
  ],
  [
    'delete',
    '/subjects/live?permanent=true',
    undefined,
    40405,
    "Subject 'live' was not deleted first before being permanently deleted",
  ],
  [
    'delete',
    '/subjects/half/versions/1',
    undefined,
    40406,
    "Subject 'half' Version 1 was soft deleted.Set permanent=true to delete permanently",
  ],
  [
    'delete',
    '/subjects/live/versions/1?permanent=true',
    undefined,
    40407,
    "Subject 'live' Version 1 was not deleted first before being permanently deleted",
  ],
  ['get', '/config/live', undefined, 40408, "Subject 'live' does not have subject-level compatibility configured"],
  ['get', '/mode/live', undefined, 40409, "Subject 'live' does not have subject-level mode configured"],
  ['post', '/subjects/live/versions', body(record('a', 'b')), 409, misfit],
  ['post', '/subjects/live/versions', undefined, 422, 'The request must not be null'],
  ['post', '/subjects/live/versions', { schema: '' }, 42201, 'Empty schema'],
  ['post', '/subjects/live/versions', { schema: '{}', schemaType: 'PROTOBUF' }, 42201, 'Invalid schema type PROTOBUF'],
  [
    'post',
    '/subjects/live/versions',
    { schema: '"foo"' },
    42201,
    'Invalid schema {subject=live,version=0,id=-1,schemaType=AVRO,references=[],metadata=null,ruleSet=null,schema="foo"} with refs [] of type AVRO, details: Undefined name: "foo"',
  ],
  [
    'post',
    '/subjects/live/versions',
    { schema: '"T"', references: [{ name: 'T', subject: 'none', version: 4 }] },
    42201,
    `Invalid schema {subject=live,version=0,id=-1,schemaType=AVRO,references=[{name='T', subject='none', version=4}],metadata=null,ruleSet=null,schema="T"} with refs [{name='T', subject='none', version=4}] of type AVRO, details: No schema reference found for subject "none" and version 4`,
  ],
  [
    'post',
    '/subjects/live/versions',
    { ...body(record()), version: 7 },
    42201,
    'Version is not one more than previous version',
  ],
  ['get', '/subjects/live/versions/abc', undefined, 42202, notValid('abc')],
  ['get', '/subjects/live/versions/0', undefined, 42202, notValid('0')],
  ['delete', '/subjects/live/versions/2147483648', undefined, 42202, notValid('2147483648')],
  ['put', '/config', { compatibility: 'SIDEWAYS' }, 42203, levels],
  ['put', '/config/live', {}, 42203, levels],
  ['put', '/mode', { mode: 'SIDEWAYS' }, 42204, modes],
  ['post', '/subjects/frozen/versions', body(record('a')), 42205, 'Subject frozen is in read-only mode'],
  ['put', '/config/frozen', { compatibility: 'FULL' }, 42205, 'Subject frozen is in read-only mode'],
  ['post', '/subjects/live/versions', { ...body(record('z')), id: 5 }, 42205, 'Subject live is not in import mode'],
  ['post', '/subjects/import/versions', body(record('z')), 42205, 'Subject import is not in read-write mode'],
  [
    'post',
    '/subjects/import/versions',
    { ...body(record('z')), id: 77 },
    42205,
    'Overwrite new schema with id 77 is not permitted.',
  ],
  ['put', '/mode/live', { mode: 'IMPORT' }, 42205, 'Cannot import since found existing subjects'],
  ['delete', '/subjects/used', undefined, 42206, used],
  ['delete', '/subjects/used/versions/1', undefined, 42206, used],
  ['post', '/subjects/a%07b/versions', body(record('a')), 42208, "The specified subject 'a\u0007b' is not a valid."],
  [
    'post',
    '/subjects/live/versions',
    { schema: ' '.repeat(16 * 1024 * 1024) },
    42209,
    'Register operation failed because schema is too large',
  ],
];

test.each(rows)('%s %s %.80j: %d', async (method, path, sent, code, message) => {
  const reply = await registry[method](path, sent);
  const { error_code, message: said } = reply.json as { error_code: number; message: string };
  expect({ code: error_code, status: reply.status }).toEqual({ code, status: Number(String(code).slice(0, 3)) });
  // What is wrong with a piece of JSON is said in the words of Node's own parser.
  expect(code === 400 ? said.slice(0, message.length) : said).toBe(message);
  expect(reply.type).toBe('application/vnd.schemaregistry.v1+json');
});
