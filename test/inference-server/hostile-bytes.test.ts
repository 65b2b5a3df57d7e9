import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeInferRequest } from '../../src/kserve/infer-request.ts';
import { rawCall } from '../contract/inference/raw-grpc.ts';
import { http } from '../contract/inference/replay-http.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { accumulator, rowsSeen, serve, step, type Served } from './served.ts';

let served: Served;
beforeAll(async () => {
  served = await serve({ acc: accumulator() });
});
afterAll(() => served.end());

const infer = '/inference.GRPCInferenceService/ModelInfer';
const whole = encodeInferRequest(step('s', { start: true }));
const random = seeded(seedOfRun());
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random() * 256));

/** Nothing that a client sends may be answered as if it were the server's fault, or end it. */
const expectRefused = (status: string): void => {
  expect(['INVALID_ARGUMENT', 'NOT_FOUND', 'INTERNAL', 'UNIMPLEMENTED', 'OK']).toContain(status);
};

test('random bytes are refused', async () => {
  for (let round = 0; round < 100; round++)
    expectRefused((await rawCall(served.address, infer, [noise(round * 7)])).status);
});

test('a request that is cut anywhere, or has a byte changed, is refused or is another request', async () => {
  for (let round = 0; round < 100; round++) {
    const cut = whole.subarray(0, Math.floor(random() * whole.length));
    const changed = Buffer.from(whole);
    changed[Math.floor(random() * whole.length)] = random() * 256;
    expectRefused((await rawCall(served.address, infer, [cut])).status);
    expectRefused((await rawCall(served.address, infer, [changed])).status);
  }
});

test('shapes whose product is more than any memory are refused', async () => {
  const [x, h] = step('s', { start: true }).inputs;
  if (x === undefined || h === undefined) throw new Error('the step has two inputs');
  for (const shape of [[1, 2 ** 40, 2], [1, Number.MAX_SAFE_INTEGER, 2], [2 ** 31, 1, 2], [1, -3, 2], []]) {
    const request = { ...step('s', { start: true }), inputs: [{ ...x, shape }, h] };
    await expect(served.channel.infer(request, 5000)).rejects.toMatchObject({ status: 'INVALID_ARGUMENT' });
  }
});

test('HTTP: bodies that are no requests', async () => {
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '{"inputs":3}',
    '{"inputs":[null]}',
    '{"inputs":[{"name":"x","shape":"a"}]}',
    '"',
  ];
  for (const body of [...bodies.map((text) => Buffer.from(text)), noise(500)]) {
    const { status } = await http(`127.0.0.1:${served.httpPort}`, 'POST', '/v2/models/acc/infer', {}, body);
    expect([400, 500]).toContain(status);
  }
  for (const length of ['-1', 'x', '99999999999']) {
    const headers = { 'Inference-Header-Content-Length': length };
    const { status } = await http(
      `127.0.0.1:${served.httpPort}`,
      'POST',
      '/v2/models/acc/infer',
      headers,
      Buffer.from('{}'),
    );
    expect(status).toBe(400);
  }
});

test('HTTP: a body that says it is packed and is not', async () => {
  const headers = { 'Content-Encoding': 'gzip' };
  const { status } = await http(`127.0.0.1:${served.httpPort}`, 'POST', '/v2/models/acc/infer', headers, noise(100));
  expect(status).toBe(400);
});

test('after all of it the server answers', async () => {
  expect(await rowsSeen(served, step('after', { start: true, rows: [1, 2] }))).toBe(2);
});
