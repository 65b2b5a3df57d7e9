import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { openStream } from '../../src/kserve/stream.ts';
import type { Refusal } from '../../src/kserve/status.ts';

/** A proxy that knows HTTP only. */
const proxy = createServer();
let status = 0;
beforeAll(async () => {
  proxy.on('stream', (stream) => {
    stream.respond({ ':status': status, 'content-type': 'text/html' });
    stream.end('<h1>no</h1>');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(() => new Promise((resolve) => proxy.close(resolve)));

test.each([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [418, 'UNKNOWN'],
])('a stream that a proxy answers with HTTP status %d ends as %s', async (answered, meant) => {
  status = answered;
  const { port } = proxy.address() as AddressInfo;
  const refusal = await new Promise<Refusal | undefined>((ended) => {
    openStream({ address: `127.0.0.1:${port}` }, { answered: () => undefined, ended });
  });
  expect(refusal).toMatchObject({ status: meant, message: `HTTP status ${answered}` });
});
