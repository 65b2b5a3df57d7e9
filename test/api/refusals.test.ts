import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { apiUnderTest, series, type ApiUnderTest } from '../support/api.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await apiUnderTest();
});
afterEach(() => api.app.close());

const get = async (path: string, method = 'GET') => {
  const { status, headers, body } = await api.ask(method, path);
  return { status, type: headers.get('content-type'), allow: headers.get('allow'), body };
};
const problem = 'application/problem+json';

/** All that the server says before it ends the connection. */
async function toTheEnd(text: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let said = '';
  socket.on('data', (chunk) => (said += chunk.toString('latin1')));
  socket.write(text);
  await once(socket, 'close');
  return said;
}

test('what cannot be done with an address is told apart from an address that there is not', async () => {
  expect(await get('/api/v1/inference/submit')).toMatchObject({ status: 405, type: problem, allow: 'POST, DELETE' });
  expect(await get('/api/v1/models', 'PUT')).toMatchObject({ status: 405, allow: 'GET, HEAD' });
  expect(await get('/api/v2/models')).toMatchObject({ status: 404, type: problem, allow: null });
});

test('an address that is none is refused, and its connection ends even if it was to become another', async () => {
  for (const more of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
    const said = await toTheEnd(`GET /% HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 400 .*\r\ncontent-type: application\/problem\+json\r\n/);
    expect(said).toContain('"detail":"the address is none"');
  }
});

test('bytes that are no HTTP are refused in the same form', async () => {
  const said = await toTheEnd('HELO there\r\n\r\n');
  expect(said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
  expect(await toTheEnd(`GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
});

test('only the one address becomes a WebSocket, and nothing becomes anything else', async () => {
  expect(await get('/ws')).toMatchObject({ status: 426, type: problem });
  const upgrade = (path: string, to: string) =>
    toTheEnd(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n\r\n`);
  expect(await upgrade('/api/v1/models', 'h2c')).toContain(
    '"detail":"only /ws can be upgraded; send it again without Upgrade"',
  );
  expect(await upgrade('/ws', 'h2c')).toMatch(/^HTTP\/1\.1 426 /);
  expect(await upgrade('/ws', 'websocket')).toMatch(/^HTTP\/1\.1 426 .*\r\n(.*\r\n)*sec-websocket-version: 13\r\n/);
});

test('thousands of mistakes are not answered with thousands of sentences', async () => {
  const payload = { model_name: 'lstm', data: Array.from({ length: 5_000 }, () => 'x') };
  const { status, body } = await api.ask('POST', '/api/v1/inference/submit', { payload });
  expect(status).toBe(422);
  expect((body as { errors: readonly object[] }).errors).toHaveLength(20);
});

test('the id of whoever asks is taken, if it can stand in a log', async () => {
  const idFor = async (id: string) =>
    (await api.ask('GET', '/api/v1/models', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  expect(await idFor('a-1.b:2')).toBe('a-1.b:2');
  for (const id of ['{"x":1}', 'r'.repeat(129)]) expect(await idFor(id)).toMatch(/^[0-9a-f-]{36}$/);
  expect(
    (await api.ask('POST', '/api/v1/inference/submit', { payload: { model_name: 'lstm', data: series } })).status,
  ).toBe(202);
});

test('a number in an address that is beyond all numbers is too large', async () => {
  const { body } = await api.ask('POST', '/api/v1/inference/submit', { payload: { model_name: 'lstm', data: series } });
  const { job_id: id } = body as { job_id: string };
  for (const query of [`result/${id}?wait=1e999`, 'results?limit=1e999', `result/${id}?wait=-1e999`])
    expect(await get(`/api/v1/inference/${query}`)).toMatchObject({ status: 400, type: problem });
});
