import { afterEach, describe, expect, test } from '@jest/globals';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { openChannel, type Channel } from '../../src/kserve/client.ts';
import type { InferRequest, InferResponse, StreamResponse } from '../../src/kserve/infer.ts';
import { noParameters } from '../../src/kserve/parts.ts';
import { serveGrpc, type GrpcServer } from '../../src/kserve/server.ts';
import type { Service, StreamCall, StreamListener } from '../../src/kserve/service.ts';
import { Refusal } from '../../src/kserve/status.ts';
import { openStream } from '../../src/kserve/stream.ts';

const request = (id: string, bytes = 8): InferRequest => ({
  model: 'm',
  version: '',
  id,
  parameters: noParameters,
  inputs: [{ name: 'x', datatype: 'BYTES', shape: [1], parameters: noParameters }],
  outputs: [],
  raw: [Buffer.alloc(bytes, id)],
});
const echo = ({ id, raw }: InferRequest): InferResponse => ({
  model: 'm',
  version: '1',
  id,
  parameters: noParameters,
  outputs: [{ name: 'y', datatype: 'BYTES', shape: [1], bytes: raw[0] ?? Buffer.alloc(0) }],
});

const echoing: Service = {
  infer: (one, answer) => {
    if (one.id === 'never') return () => undefined;
    answer(one.id === 'bad' ? new Refusal('INVALID_ARGUMENT', 'no: 100 % ünfit') : echo(one));
    return () => undefined;
  },
  stream: (call) => ({
    request: (one) => {
      call.write({ error: one.id === 'bad' ? 'no' : '', response: echo(one) });
      if (one.id === 'end') call.end(new Refusal('UNAVAILABLE', 'Server exiting'));
    },
    garbled: (refusal) => {
      call.end(refusal);
    },
    halfClosed: () => {
      call.end();
    },
    cancelled: () => undefined,
    drained: () => undefined,
  }),
  call: (name, asked) =>
    name === 'ModelReady' ? Promise.resolve({ ready: asked }) : Promise.reject(new Refusal('NOT_FOUND', name)),
  health: () => 'SERVING',
};

let server: GrpcServer;
let channel: Channel;
afterEach(async () => {
  channel.close();
  server.cut();
  await server.close();
});
async function open(service: Partial<Service> = {}): Promise<string> {
  server = await serveGrpc({ ...echoing, ...service }, { host: '127.0.0.1', port: 0 });
  const address = `127.0.0.1:${server.port}`;
  channel = openChannel({ address });
  return address;
}

function streamTo(address: string) {
  const answers: StreamResponse[] = [];
  let ended: (refusal: Refusal | undefined) => void;
  const end = new Promise<Refusal | undefined>((resolve) => {
    ended = resolve;
  });
  const stream = openStream(
    { address },
    {
      answered: (one) => answers.push(one),
      ended: (refusal) => {
        ended(refusal);
      },
    },
  );
  return { answers, end, stream };
}

describe('KServe v2 over gRPC', () => {
  test('answers single requests of the gRPC library, and refuses with status and text', async () => {
    await open();
    expect((await channel.infer(request('a'), 2_000)).outputs[0]?.bytes).toEqual(Buffer.alloc(8, 'a'));
    await expect(channel.infer(request('bad'), 2_000)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: 'no: 100 % ünfit',
    });
    expect(await channel.call('ModelReady', { name: 'm' }, 2_000)).toEqual({ ready: true });
    await expect(channel.call('ServerLive', {}, 2_000)).rejects.toMatchObject({ status: 'NOT_FOUND' });
  });

  test('tells the service of a deadline that passed and of a client that gave up', async () => {
    let cancelled = 0;
    await open({
      infer: () => () => {
        cancelled++;
      },
    });
    await expect(channel.infer(request('x'), 150)).rejects.toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    const giveUp = new AbortController();
    const asked = channel.infer(request('x'), 5_000, giveUp.signal);
    setTimeout(() => {
      giveUp.abort(new Error('enough'));
    }, 50);
    await expect(asked).rejects.toMatchObject({ status: 'CANCELLED' });
    await delay(50);
    expect(cancelled).toBe(2);
  });

  test('carries a stream in order, errors among the answers, large tensors too, and ends it when both have', async () => {
    const { answers, end, stream } = streamTo(await open());
    for (const id of ['a', 'bad', 'c']) stream.send(request(id));
    stream.send(request('large', 9_000_000));
    stream.halfClose();
    expect(await end).toBeUndefined();
    expect(answers.map(({ error, response }) => [error, response.id])).toEqual([
      ['', 'a'],
      ['no', 'bad'],
      ['', 'c'],
      ['', 'large'],
    ]);
    expect(answers[3]?.response.outputs[0]?.bytes.length).toBe(9_000_000);
  });

  test('ends a stream with a status, and says so when nobody is there or the server dies', async () => {
    const address = await open();
    const told = streamTo(address);
    told.stream.send(request('end'));
    expect(await told.end).toMatchObject({ status: 'UNAVAILABLE', message: 'Server exiting' });
    expect(told.answers).toHaveLength(1);
    const cut = streamTo(address);
    cut.stream.send(request('a'));
    await delay(50);
    server.cut();
    expect(await cut.end).toMatchObject({ status: 'UNAVAILABLE' });
    expect(await streamTo('127.0.0.1:1').end).toMatchObject({ status: 'UNAVAILABLE' });
  });

  test('refuses what is no message, and a path that nobody serves', async () => {
    const address = await open();
    expect(
      await raw(address, '/inference.GRPCInferenceService/ModelInfer', Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff])),
    ).toBe('13');
    expect(await raw(address, '/inference.GRPCInferenceService/Nope', Buffer.alloc(5))).toBe('12');
    expect(
      await raw(address, '/inference.GRPCInferenceService/ModelStreamInfer', Buffer.from([0, 0x7f, 0, 0, 0])),
    ).toBe('8');
  });

  test('tells how much a client has not taken, so that the service can stop reading from it', async () => {
    let call: StreamCall | undefined;
    const listener: StreamListener = {
      request: () => undefined,
      garbled: () => undefined,
      halfClosed: () => undefined,
      cancelled: () => undefined,
      drained: () => undefined,
    };
    const address = await open({
      stream: (one) => {
        call = one;
        return listener;
      },
    });
    const session = connect(`http://${address}`);
    const deaf = session.request({
      ':method': 'POST',
      ':path': '/inference.GRPCInferenceService/ModelStreamInfer',
      'content-type': 'application/grpc',
    });
    deaf.pause();
    deaf.on('response', () => undefined);
    await delay(100);
    for (let round = 0; round < 20; round++) call?.write({ error: '', response: echo(request('x', 1_000_000)) });
    await delay(100);
    expect(call?.unsent).toBeGreaterThan(15_000_000);
    session.destroy();
  });
});

function raw(address: string, path: string, bytes: Buffer): Promise<unknown> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    stream.on('trailers', (found: IncomingHttpHeaders) => {
      resolve(found['grpc-status']);
      session.destroy();
    });
    stream.resume();
    stream.end(bytes);
  });
}
