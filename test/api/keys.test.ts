import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { makeKey, readKeys, type Scope } from '../../src/api/keys.ts';
import { apiUnderTest, keysOf, series, type ApiUnderTest } from '../support/api.ts';

const made = (name: string, scopes: readonly Scope[], until?: string) => makeKey(name, scopes, until);
const [alice, bob, reader, old, admin] = [
  made('alice', ['submit', 'read']),
  made('bob', ['submit', 'read']),
  made('alice', ['read']),
  made('alice', ['submit', 'read'], '2020-01-01'),
  made('root', ['admin']),
];
const text = [alice, bob, reader, old, admin].map(({ line }) => line).join('\n');

let api: ApiUnderTest | undefined;
afterEach(() => api?.app.close());
const open = async (): Promise<ApiUnderTest> => (api = await apiUnderTest({ keys: keysOf(text) }));

const bearer = ({ key }: { readonly key: string }) => ({ authorization: `Bearer ${key}` });
const payload = { model_name: 'lstm', data: series };
const submitPath = '/api/v1/inference/submit';
const idOf = (body: unknown): string => (body as { job_id: string }).job_id;
/** But for what is of this request alone. */
const saidIn = (body: unknown): object => ({ ...(body as object), request_id: '' });

describe('a key', () => {
  test('that has the scope may; as a header of its own, too', async () => {
    const { ask, written } = await open();
    expect((await ask('POST', submitPath, { payload, headers: bearer(alice) })).status).toBe(202);
    expect((await ask('POST', submitPath, { payload, headers: { 'x-api-key': alice.key } })).status).toBe(202);
    expect(written.map(({ owner }) => owner)).toEqual(['alice', 'alice']);
  });

  test('without the scope may not, and nothing is written', async () => {
    const { ask, written } = await open();
    expect((await ask('POST', submitPath, { payload, headers: bearer(reader) })).status).toBe(403);
    expect(written).toEqual([]);
  });

  test.each([
    ['none', {}],
    ['one that has ended', bearer(old)],
    ['one that nobody made', bearer({ key: 'dl_x' })],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('%s is answered 401, all alike', async (_, headers) => {
    const { ask } = await open();
    const { status, headers: answered, body } = await ask('GET', '/api/v1/models', { headers });
    expect([status, answered.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(saidIn(body)).toMatchObject({ detail: 'a key is needed, in `Authorization: Bearer …`' });
  });

  test('in an address is refused even where it is right, and is not said again', async () => {
    const { ask } = await open();
    for (const path of [`/api/v1/models?api_key=${alice.key}`, `/api/v1/models?x=${alice.key}`, `/health?token=1`]) {
      const { status, body } = await ask('GET', path, { headers: bearer(alice) });
      expect(status).toBe(400);
      expect(JSON.stringify(body)).not.toContain(alice.key);
    }
  });

  test('of an admin sees the jobs of all', async () => {
    const { ask } = await open();
    const id = idOf((await ask('POST', submitPath, { payload, headers: bearer(bob) })).body);
    expect((await ask('GET', `/api/v1/inference/status/${id}`, { headers: bearer(admin) })).status).toBe(200);
  });
});

test("of another's job nothing is said: as if it were not there", async () => {
  const { ask, complete } = await open();
  const id = idOf((await ask('POST', submitPath, { payload, headers: bearer(bob) })).body);
  complete(id);
  const nobodys = '00000000-0000-4000-8000-000000000000';
  for (const [method, path] of [
    ['GET', '/api/v1/inference/status/'],
    ['GET', '/api/v1/inference/result/'],
    ['DELETE', '/api/v1/inference/'],
  ] as const) {
    const [others, none] = [
      await ask(method, `${path}${id}`, { headers: bearer(alice) }),
      await ask(method, `${path}${nobodys}`, { headers: bearer(alice) }),
    ];
    expect([others.status, saidIn(others.body)]).toEqual([404, saidIn(none.body)]);
  }
  const { body } = await ask('GET', '/api/v1/inference/results', { headers: bearer(alice) });
  expect(body).toEqual({ results: [], next: null });
  const { body: own } = await ask('GET', '/api/v1/inference/results', { headers: bearer(bob) });
  expect((own as { results: object[] }).results).toHaveLength(1);
  const { body: counted } = await ask('GET', '/api/v1/results/stats/summary', { headers: bearer(alice) });
  expect(counted).toMatchObject({ all: { completed: 0 } });
});

test('two owners with one Idempotency-Key have two jobs', async () => {
  const { ask } = await open();
  const submit = async (who: { key: string }) =>
    idOf((await ask('POST', submitPath, { payload, headers: { ...bearer(who), 'idempotency-key': 'k' } })).body);
  expect(await submit(alice)).not.toBe(await submit(bob));
});

test('a path with .. leads nowhere else', async () => {
  const { url } = await open();
  const { port } = new URL(url);
  const statusOf = (path: string) =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, headers: bearer(alice) }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
  for (const path of [
    '/api/v1/inference/status/../../../health',
    '/api/v1/../../etc/passwd',
    '/api/v1/models/..%2f..%2fx',
    '//health',
  ])
    expect(await statusOf(path)).toBe(404);
});

test('requests of one key are counted for it alone', async () => {
  api = await apiUnderTest({ keys: keysOf(text) }, { limits: { perMinute: 3 } });
  const { ask } = api;
  const statuses: number[] = [];
  for (let at = 0; at < 4; at++) statuses.push((await ask('GET', '/api/v1/models', { headers: bearer(alice) })).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const late = await ask('GET', '/api/v1/models', { headers: bearer(alice) });
  expect(late.headers.get('content-type')).toBe('application/problem+json');
  expect(late.headers.get('retry-after')).not.toBeNull();
  expect((await ask('GET', '/api/v1/models', { headers: bearer(bob) })).status).toBe(200);
});

describe('without keys', () => {
  test('a page that somebody else made is refused', async () => {
    api = await apiUnderTest({}, { origins: ['https://ops.example.org'] });
    const { ask, url } = api;
    const from = async (origin: string) => (await ask('GET', '/api/v1/models', { headers: { origin } })).status;
    expect(await from('https://evil.example.org')).toBe(403);
    expect(await from('null')).toBe(403);
    expect(await from('https://ops.example.org')).toBe(200);
    expect(await from(url)).toBe(200);
  });
});

describe('lines of keys', () => {
  test('with mistakes are all named, and never shown', () => {
    const lines = [
      '# who',
      'a sha256:12 read',
      `b sha256:${'0'.repeat(64)} write`,
      `c sha256:${'0'.repeat(64)} read until soon`,
    ];
    const read = readKeys(lines.join('\n'));
    expect('problems' in read ? read.problems : []).toEqual([
      'line 2: no key; write `<name> sha256:<64 hexadecimal digits> <scopes> [until <time>]`',
      'line 3: there is no scope write; there are submit, read, admin',
      'line 4: soon is no time; write one like 2027-01-31 or 2027-01-31T12:00:00Z',
    ]);
  });

  test('hold no key, and a key ends at its time', () => {
    const { key, line } = made('a', ['read'], '2030-01-01T00:00:00Z');
    expect(line).not.toContain(key);
    let now = Date.UTC(2029, 11, 31);
    const read = readKeys(line, () => now);
    if ('problems' in read) throw new Error();
    expect(read.keys.find(key)?.name).toBe('a');
    now = Date.UTC(2030, 0, 1);
    expect(read.keys.find(key)).toBeUndefined();
  });
});
