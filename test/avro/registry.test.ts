import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openRegistry, type Registry } from '../../src/avro/registry.ts';
import { classify } from '../../src/errors.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
});

/** A registry that gives every request the same answer. */
async function answering(status: number, body: string): Promise<Registry> {
  server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return openRegistry({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const failing = async (call: Promise<unknown>) =>
  call.then(
    () => ({ code: 'no error', detail: '' }),
    (thrown: unknown) => classify(thrown),
  );

test.each([
  ['it says that the id does not exist', 404, '{"error_code":40403,"message":"Schema 9 not found"}', 'schema-unknown'],
  ['somebody else says 404', 404, '<h1>Not Found</h1>', 'registry-unavailable'],
  ['its path is wrong', 404, '{"error_code":404,"message":"HTTP 404 Not Found"}', 'registry-unavailable'],
  ['it is overloaded', 503, '{"error_code":50002,"message":"timed out"}', 'registry-unavailable'],
  ['a login page answers', 200, '<html>please log in</html>', 'registry-unavailable'],
  ['a proxy redirects', 302, '', 'registry-unavailable'],
  ['the credentials are wrong', 401, '{"error_code":401,"message":"Unauthorized"}', 'registry-refused'],
  [
    'the schema is no Avro',
    200,
    '{"schemaType":"PROTOBUF","schema":"syntax = \\"proto3\\"; message M {}"}',
    'schema-unreadable',
  ],
  ['the schema is broken', 200, '{"schema":"{\\"type\\":\\"recor\\"}"}', 'schema-unreadable'],
])('a schema is asked for and %s', async (_, status, body, code) => {
  const registry = await answering(status, body);
  expect((await failing(registry.typeOf(9))).code).toBe(code);
});

test('nobody listens: the registry is unavailable, whatever is asked', async () => {
  const registry = openRegistry({ url: 'http://127.0.0.1:1' });
  expect((await failing(registry.typeOf(9))).code).toBe('registry-unavailable');
  expect((await failing(registry.register('s', '"string"'))).code).toBe('registry-unavailable');
});

test('a refused registration says why, in the words of the registry', async () => {
  const registry = await answering(422, '{"error_code":42201,"message":"Invalid schema"}');
  expect(await failing(registry.register('s', '{"type":"record","name":"R","fields":[]}'))).toMatchObject({
    code: 'registry-refused',
    detail: expect.stringContaining('HTTP 422: downlink - Invalid schema'),
  });
});
