import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SchemaLogEntry } from '../../../src/contract/schema-log.ts';
import { openFileSchemaLog } from '../../../src/embedded/registry/file-schema-log.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { restClient, type RestClient } from './rest-client.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-registry-'));
  file = join(folder, 'schemas.jsonl');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function withRegistry<T>(use: (registry: RestClient) => Promise<T>): Promise<T> {
  const log = await openFileSchemaLog(folder);
  const running = await startRegistry({ log });
  try {
    return await use(restClient(running.url));
  } finally {
    await running.close();
    await log.close();
  }
}

const record = (...names: string[]) => ({
  type: 'record',
  name: 'T',
  fields: names.map((name) => ({ name, type: 'int' })),
});
const config = (level: string): SchemaLogEntry => ({
  key: { keytype: 'CONFIG', subject: null, magic: 0 },
  value: { subject: null, compatibilityLevel: level },
});

/** All that can be asked for, as one value. */
async function everything(registry: RestClient): Promise<unknown> {
  const paths = [
    '/schemas?deleted=true',
    '/subjects',
    '/subjects?deleted=true',
    '/config',
    '/config/kept',
    '/mode',
    '/mode/kept',
    '/subjects/used/versions/1/referencedby',
    '/schemas/ids/2',
  ];
  return Promise.all(paths.map(async (path) => (await registry.get(path)).json));
}

test('a restart keeps everything', async () => {
  const before = await withRegistry(async (registry) => {
    await registry.register('kept', record('a'));
    await registry.register('kept', record());
    await registry.put('/config', { compatibility: 'FULL' });
    await registry.put('/config/kept', { compatibility: 'FORWARD' });
    await registry.put('/mode/kept', { mode: 'READONLY' });
    await registry.put('/mode/kept', { mode: 'READWRITE' });
    await registry.register('used', { type: 'fixed', name: 'F', size: 2 });
    const user = { type: 'record', name: 'U', fields: [{ name: 'f', type: 'F' }] };
    await registry.register('user', user, { references: [{ name: 'F', subject: 'used', version: 1 }] });
    await registry.register('soft', record('s'));
    await registry.delete('/subjects/soft');
    await registry.register('hard', record('h'));
    await registry.delete('/subjects/hard');
    await registry.delete('/subjects/hard?permanent=true');
    return everything(registry);
  });
  const after = await withRegistry(async (registry) => {
    const all = await everything(registry);
    expect(await registry.register('new', record('n'))).toBe(7);
    return all;
  });
  expect(after).toEqual(before);
});

test('entries are the records of the _schemas topic', async () => {
  await withRegistry((registry) => registry.register('s', { type: 'int' }));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    key: { keytype: 'SCHEMA', subject: 's', version: 1, magic: 1 },
    value: { subject: 's', version: 1, id: 1, schema: '"int"', deleted: false },
  });
});

test('a line that was torn by a crash is cut off, at whichever byte', async () => {
  const whole = `${JSON.stringify(config('FULL'))}\n`;
  const next = `${JSON.stringify(config('NONE'))}\n`;
  for (let length = 1; length < next.length; length += 1) {
    writeFileSync(file, whole + next.slice(0, length));
    const log = await openFileSchemaLog(folder);
    expect(await log.read()).toEqual([config('FULL')]);
    // Shorter than most of what was torn, so that a rest of it would show.
    const short: SchemaLogEntry = { key: { keytype: 'NOOP', magic: 0 }, value: null };
    await log.append(short);
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe(whole + `${JSON.stringify(short)}\n`);
  }
});

test('what was appended is read again from the same log', async () => {
  const log = await openFileSchemaLog(folder);
  await log.append(config('FULL'));
  expect(await log.read()).toEqual([config('FULL')]);
  await log.close();
});

test.each([
  ['{"key":', /schemas\.jsonl:2: .*JSON/],
  ['', /schemas\.jsonl:2: .*JSON/],
  ['[]', /schemas\.jsonl:2: the line is no object/],
  ['{"key":{"keytype":"NOOP"}}', /:2: there is no value/],
  ['{"key":{"keytype":"WHAT"},"value":null}', /:2: unknown keytype "WHAT"/],
  ['{"key":{"keytype":"CONFIG","subject":null},"value":{"compatibilityLevel":"UP"}}', /:2: unknown level UP/],
  ['{"key":{"keytype":"MODE","subject":"s"},"value":{"mode":1}}', /:2: mode is no text/],
  ['{"key":{"keytype":"SCHEMA","subject":"s","version":1.5},"value":null}', /:2: version is no whole number/],
  [
    '{"key":{"keytype":"SCHEMA","subject":"s","version":1},"value":{"subject":"t","version":1}}',
    /:2: key and value differ/,
  ],
])('a damaged line in the middle stops the start: %s', async (line, message) => {
  writeFileSync(file, `${JSON.stringify(config('FULL'))}\n${line}\n${JSON.stringify(config('NONE'))}\n`);
  const opening = openFileSchemaLog(folder);
  await expect(opening).rejects.toMatchObject({ code: 'data-unusable', detail: expect.stringMatching(message) });
});

test('a folder that cannot be used stops the start', async () => {
  appendFileSync(file, '');
  await expect(openFileSchemaLog(file)).rejects.toMatchObject({ code: 'data-unusable' });
});
