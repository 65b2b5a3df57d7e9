import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request } from 'node:https';
import { WebSocket } from 'ws';
import { apiUnderTest, type ApiUnderTest } from '../support/api.ts';
import { openAuthority } from '../support/authority.ts';

let api: ApiUnderTest | undefined;
afterEach(() => api?.app.close());

test('with a certificate it is reached encrypted only, by REST and WebSocket', async () => {
  const authority = openAuthority('api test');
  const { certificate, key } = authority.issue('127.0.0.1');
  api = await apiUnderTest({}, { tls: { cert: Buffer.from(certificate), key: Buffer.from(key) } });
  const { port, protocol } = new URL(api.url);
  expect(protocol).toBe('https:');

  const ca = authority.certificate;
  const asked = request({ host: '127.0.0.1', port, path: '/api/v1/models', ca });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
  answer.resume();
  expect(answer.statusCode).toBe(200);

  const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, { ca });
  await once(socket, 'open');
  socket.send('{"type":"subscribe","jobs":"all"}');
  const [told] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(told.toString())).toMatchObject({ type: 'subscribed' });
  socket.terminate();

  await expect(fetch(`http://127.0.0.1:${port}/api/v1/models`)).rejects.toThrow();
});
