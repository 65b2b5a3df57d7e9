import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { makeKey } from '../../src/api/keys.ts';
import type { Records } from '../../src/contract/index.ts';
import { apiUnderTest, keysOf, series, type ApiUnderTest } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { validRecords } from '../support/samples.ts';

type Message = Readonly<Record<string, unknown>>;

let api: ApiUnderTest | undefined;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await api?.app.close();
});

async function connect(
  { url }: ApiUnderTest,
  message: object | undefined,
  options: { protocols?: string[]; headers?: Record<string, string> } = {},
) {
  const { protocols = [], headers = {} } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, protocols, { headers });
  sockets.push(socket);
  const heard: Message[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Message));
  await once(socket, 'open');
  if (message !== undefined) {
    socket.send(JSON.stringify({ type: 'subscribe', ...message }));
    await eventually('it is subscribed', () => Promise.resolve(heard.length > 0), 5_000);
  }
  return { socket, heard, of: (type: string) => heard.filter((one) => one['type'] === type) };
}
const until = (count: number, list: () => readonly unknown[]) =>
  eventually(`${count} came`, () => Promise.resolve(list().length >= count), 5_000);

const scores = (entity: string, first: number): Records['scores'] => ({
  ...validRecords.scores,
  entity,
  indices: [first, first + 1],
  timestamps: [1000 * first, 1000 * (first + 1)],
  values: Float32Array.of(1, 2, 3, 4),
  normalised: Float32Array.of(0.5, 0.25, 0.75, 1),
  reconstruction: Float32Array.of(0.25, 0.25, 0.25, 0.5),
  score: Float32Array.of(0.5, 0.75),
  detected: [false, true],
  warming: [false, false],
  gap: [false, false],
});

const idOf = (body: unknown): string => (body as { job_id: string }).job_id;
const submitOne = async ({ ask }: ApiUnderTest, headers: Record<string, string> = {}) =>
  idOf(
    (await ask('POST', '/api/v1/inference/submit', { payload: { model_name: 'lstm', data: series }, headers })).body,
  );

describe('a subscriber', () => {
  test('of its jobs hears of each once, with the result', async () => {
    api = await apiUnderTest();
    const { of } = await connect(api, { jobs: 'all' });
    const id = await submitOne(api);
    api.complete(id);
    api.complete(id);
    api.complete(await submitOne(api));
    await until(2, () => of('job'));
    expect(of('job')).toHaveLength(2);
    expect(of('job')[0]).toMatchObject({ job_id: id, status: 'completed', predictions: [1, 2] });
  });

  test('of an entity hears of its samples, under the names that users know', async () => {
    api = await apiUnderTest();
    const { of } = await connect(api, { entities: ['A-1'] });
    api.feed(scores('A-2', 0));
    api.feed(scores('A-1', 0));
    await until(2, () => of('smap_inference'));
    expect(of('smap_inference')).toMatchObject([
      {
        satellite_id: 'SAT-001',
        entity: 'A-1',
        timestamp: '1970-01-01T00:00:00.000Z',
        anomaly_score: 0.5,
        anomaly_detected: false,
        sensors: [
          { id: 'temperature', value: 1, reconstruction: 0.25, error: 0.0625 },
          { id: 'current', value: 2, reconstruction: 0.25, error: 0 },
        ],
      },
      { anomaly_score: 0.75, anomaly_detected: true },
    ]);
  });

  test('of anomalies hears of every phase', async () => {
    api = await apiUnderTest();
    const { of } = await connect(api, { anomalies: true });
    api.feed(validRecords.anomaly);
    await until(1, () => of('anomaly'));
    expect(of('anomaly')[0]).toMatchObject({
      phase: validRecords.anomaly.phase,
      sentence: validRecords.anomaly.sentence,
    });
  });

  test('that comes back with its last id hears of all that it missed, once', async () => {
    api = await apiUnderTest();
    const first = await connect(api, { entities: 'all' });
    api.feed(scores('A-1', 0));
    await until(2, () => first.of('smap_inference'));
    first.socket.terminate();
    // In the middle of a record, even.
    const after = first.of('smap_inference')[0]?.['id'];
    api.feed(scores('A-1', 2));
    api.feed(scores('A-2', 0));
    const again = await connect(api, { entities: 'all', after });
    api.feed(scores('A-1', 4));
    await until(7, () => again.of('smap_inference'));
    const seen = again
      .of('smap_inference')
      .map(({ entity, timestamp }) => `${String(entity)} ${String(timestamp).slice(17, 19)}`);
    expect(seen).toEqual(['A-1 01', 'A-1 02', 'A-1 03', 'A-2 00', 'A-2 01', 'A-1 04', 'A-1 05']);
    expect(again.of('gap')).toEqual([]);
  });

  test('that comes back to more than it can take at once gets all of it, and is not taken for slow', async () => {
    api = await apiUnderTest({}, { limits: { bufferedBytes: 20_000 } });
    for (let at = 0; at < 80; at++) api.feed(scores('A-1', 2 * at));
    const { socket, of } = await connect(api, { entities: 'all', after: '' });
    api.feed(scores('A-1', 160));
    await until(162, () => of('smap_inference'));
    expect(new Set(of('smap_inference').map(({ timestamp }) => timestamp)).size).toBe(162);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  test('that was away for too long is told so', async () => {
    api = await apiUnderTest();
    const first = await connect(api, { entities: 'all' });
    api.feed(scores('A-1', 0));
    await until(2, () => first.of('smap_inference'));
    const after = first.of('smap_inference')[1]?.['id'];
    for (let at = 0; at < 300; at++) api.feed(scores('A-1', at));
    const again = await connect(api, { entities: 'all', after });
    await until(1, () => again.of('gap'));
    expect(again.heard.slice(0, 2).map(({ type }) => type)).toEqual(['subscribed', 'gap']);
  });

  test('who does not read is closed, and nothing is kept for it', async () => {
    api = await apiUnderTest({}, { limits: { bufferedBytes: 10_000 } });
    const slow = await connect(api, { entities: 'all' });
    const quick = await connect(api, { entities: 'all' });
    const closed = once(slow.socket, 'close');
    slow.socket.pause();
    // More than the kernel keeps for it.
    for (let at = 1; at <= 20_000; at++) {
      api.feed(scores('A-1', at));
      if (at % 500 === 0) await until(2 * at, () => quick.of('smap_inference'));
    }
    slow.socket.resume();
    expect(await closed).toEqual([1008, Buffer.from('reads too slowly; connect again and go on after the last id')]);
    expect(quick.socket.readyState).toBe(WebSocket.OPEN);
  }, 40_000);
});

describe('a message that is wrong', () => {
  test('is answered, and the next one counts', async () => {
    api = await apiUnderTest();
    const { socket, of } = await connect(api, undefined);
    for (const text of [
      '{',
      '[]',
      '{"type":"shout"}',
      '{"type":"subscribe","jobs":5}',
      '{"type":"subscribe","after":"x"}',
    ])
      socket.send(text);
    await until(5, () => of('error'));
    socket.send('{"type":"subscribe","jobs":"all"}');
    await until(1, () => of('subscribed'));
  });

  test('too many, too large, or no text: the connection ends, the server does not', async () => {
    api = await apiUnderTest();
    for (const send of [
      (socket: WebSocket) => Array.from({ length: 30 }).forEach(() => socket.send('x')),
      (socket: WebSocket) => socket.send('x'.repeat(70_000)),
      (socket: WebSocket) => socket.send(Buffer.alloc(10)),
    ]) {
      const { socket } = await connect(api, undefined);
      send(socket);
      await once(socket, 'close');
    }
    expect((await api.ask('GET', '/api/v1/models')).status).toBe(200);
  });
});

describe('with keys', () => {
  const [alice, bob] = [makeKey('alice', ['submit', 'read']), makeKey('bob', ['submit', 'read'])];
  const keys = () => keysOf(`${alice.line}\n${bob.line}`);

  test('nobody comes in without one; a browser offers it as a protocol', async () => {
    api = await apiUnderTest({ keys: keys() });
    await expect(connect(api, { jobs: 'all' })).rejects.toThrow('401');
    const { socket } = await connect(api, { jobs: 'all' }, { protocols: ['downlink', `key.${alice.key}`] });
    // It is not sent back.
    expect(socket.protocol).toBe('downlink');
  });

  test("nobody hears of another's jobs, whatever was asked for", async () => {
    api = await apiUnderTest({ keys: keys() });
    const headers = { authorization: `Bearer ${alice.key}` };
    const id = await submitOne(api, { authorization: `Bearer ${bob.key}` });
    const { of } = await connect(api, { jobs: [id], models: ['lstm'] }, { headers });
    const own = await submitOne(api, headers);
    api.complete(id);
    api.complete(own);
    await until(1, () => of('job'));
    expect(of('job').map(({ job_id }) => job_id)).toEqual([own]);
  });
});

test('the server ends also while somebody listens, who hears why, or does not answer', async () => {
  api = await apiUnderTest();
  const [first, second] = [await connect(api, { jobs: 'all' }), await connect(api, { jobs: 'all' })];
  second.socket.pause();
  const closed = once(first.socket, 'close');
  await api.app.close();
  expect((await closed)[0]).toBe(1013);
  api = undefined;
}, 5_000);

test('a page that somebody else made may not connect', async () => {
  api = await apiUnderTest();
  await expect(connect(api, undefined, { headers: { origin: 'https://evil.example.org' } })).rejects.toThrow('403');
});
