import { expect, test } from '@jest/globals';
import { readEntry } from '../../../src/contract/schema-log-entry.ts';
import type { SchemaLog, SchemaLogEntry } from '../../../src/contract/schema-log.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { memoryLog } from './memory-log.ts';
import { restClient, type RestClient } from './rest-client.ts';
import { everything, fillRegistry, record } from './restart-cases.ts';

async function withRegistry<T>(log: SchemaLog, use: (registry: RestClient) => Promise<T>): Promise<T> {
  const running = await startRegistry({ log });
  try {
    return await use(restClient(running.url));
  } finally {
    await running.close();
  }
}

/** As Kafka leaves a log behind: of each key the last entry, and after a while no tombstones. */
function compacted(entries: readonly SchemaLogEntry[]): SchemaLogEntry[] {
  const last = new Map(entries.map(({ key }, at) => [JSON.stringify(key), at]));
  return entries.filter(({ key, value }, at) => value !== null && last.get(JSON.stringify(key)) === at);
}

test('a restart keeps everything, and ids count on', async () => {
  const { entries } = memoryLog();
  const before = await withRegistry(memoryLog(entries), async (registry) => {
    await fillRegistry(registry);
    return everything(registry);
  });
  await withRegistry(memoryLog(entries), async (registry) => {
    expect(await everything(registry)).toEqual(before);
    expect(await registry.register('new', record('n'))).toBe(7);
  });
});

test('no id comes again when compaction has taken the schema away that had it', async () => {
  for (const path of ['/subjects/gone', '/subjects/gone/versions/1']) {
    const { entries } = memoryLog();
    await withRegistry(memoryLog(entries), async (registry) => {
      await registry.register('kept', record('k'));
      expect(await registry.register('gone', record('g'))).toBe(2);
      await registry.delete(path);
      expect((await registry.delete(`${path}?permanent=true`)).status).toBe(200);
    });
    await withRegistry(memoryLog(compacted(entries)), async (registry) => {
      expect((await registry.get('/schemas/ids/2')).status).toBe(404);
      expect(await registry.register('new', record('n'))).toBe(3);
    });
  }
});

test('what was refused but is in the log all the same keeps its id', async () => {
  const kept = memoryLog();
  let lost = false;
  const log: SchemaLog = {
    read: () => kept.read(),
    append: async (entry) => {
      await kept.append(entry);
      if (lost) throw new Error('no answer');
    },
  };
  await withRegistry(log, async (registry) => {
    expect(await registry.register('first', record('a'))).toBe(1);
    lost = true;
    const refused = await registry.post('/subjects/second/versions', { schema: '"string"' });
    expect([refused.status, refused.json]).toMatchObject([500, { error_code: 50001 }]);
    lost = false;
    expect(await registry.register('third', 'long')).toBe(3);
    expect(await registry.register('second', 'string')).toBe(2);
  });
});

test('a change is refused as long as the log cannot say what it holds', async () => {
  const kept = memoryLog();
  let away = false;
  const mustBeThere = () => (away ? Promise.reject(new Error('away')) : Promise.resolve());
  const log: SchemaLog = {
    read: () => mustBeThere().then(() => kept.read()),
    append: (entry) => mustBeThere().then(() => kept.append(entry)),
  };
  await withRegistry(log, async (registry) => {
    await registry.register('first', record('a'));
    away = true;
    for (let attempt = 0; attempt < 2; attempt++) {
      const { json } = await registry.post('/subjects/second/versions', { schema: '"string"' });
      expect(json).toMatchObject({ error_code: 50001, message: expect.stringContaining('away') });
    }
    expect((await registry.get('/schemas/ids/1')).status).toBe(200);
    away = false;
    expect(await registry.register('second', 'string')).toBe(2);
  });
});

const setting = { keytype: 'CONFIG', subject: null, magic: 0 };

test.each<readonly [string, unknown, unknown, string]>([
  ['no object', [], null, 'the key is no object'],
  ['nothing', null, null, 'the key is no object'],
  ['an unknown key', { keytype: 'WHAT' }, null, 'unknown keytype "WHAT"'],
  ['no level', setting, { subject: null }, 'compatibilityLevel is no text'],
  ['a value that is no object', setting, 'FULL', 'the value is no object'],
  ['no mode', { keytype: 'MODE', subject: 's' }, { mode: 1 }, 'mode is no text'],
  ['half a version', { keytype: 'SCHEMA', subject: 's', version: 1.5 }, null, 'version is no whole number'],
  [
    'another version',
    { keytype: 'SCHEMA', subject: 's', version: 1 },
    { subject: 's', version: 2 },
    'key and value differ',
  ],
  ['an id that is none', { keytype: 'NOOP' }, { highestId: 'x' }, 'highestId is no whole number'],
])('an entry that does not fit is refused: %s', (_, key, value, says) => {
  expect(() => readEntry(key, value)).toThrow(says);
});

test.each([
  [
    { ...setting, keytype: 'CONFIG' },
    { subject: null, compatibilityLevel: 'UP' },
  ],
  [
    { keytype: 'MODE', subject: 's', magic: 0 },
    { subject: 's', mode: 'UP' },
  ],
])('a word that no registry knows stops the start: %j', async (key, value) => {
  const starting = startRegistry({ log: memoryLog([readEntry(key, value)]) });
  await expect(starting).rejects.toMatchObject({ code: 'data-unusable' });
});
