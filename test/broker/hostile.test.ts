import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { apis } from '../../src/embedded/broker/apis/all.ts';
import { startBroker, type RunningBroker } from '../../src/embedded/broker/server.ts';
import { produce } from '../../src/kafka/api/00-produce.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { attributes, layout, uncounted } from '../../src/kafka/records/batch-layout.ts';
import { checksumOf } from '../../src/kafka/records/checksum.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { eventually } from '../support/eventually.ts';
import { bodyOf, openRawClient, rawRequest, type RawClient } from '../support/raw-client.ts';
import { makeTopic } from '../support/make-topic.ts';
import { servesStill } from './serves-still.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-hostile-'));
const notes: string[] = [];
const roomBytes = 12 * 1024 * 1024;
const maxIdleMs = 1_000;
let broker: RunningBroker;
const clients: RawClient[] = [];
const client = async (): Promise<RawClient> => {
  const one = await openRawClient(broker.address);
  clients.push(one);
  return one;
};

beforeAll(async () => {
  broker = await startBroker({ folder, port: 0, roomBytes, maxIdleMs, note: (line) => notes.push(line) });
});
afterEach(async () => {
  for (const one of clients.splice(0)) one.end();
  await servesStill(broker.address);
  // What a client can do is no news, and no fault of the broker's.
  expect(notes.splice(0)).toEqual([]);
});
afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

const int32 = (value: number): Buffer => bodyOf((to) => to.int32(value));

test.each([
  ['larger than is taken', int32(100 * 1024 * 1024 + 1)],
  ['of 2 GB', int32(2 ** 31 - 1)],
  ['of less than nothing', int32(-1)],
  ['of nothing', int32(0)],
  ['too small for a header', Buffer.concat([int32(7), Buffer.alloc(7)])],
  ['of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n')],
  ['to begin TLS', Buffer.from('160301020001000001fc0303', 'hex')],
  ['of noise', Buffer.from('000000400102ffff0000fefe', 'hex').fill(0xff, 8)],
])('a request %s ends the connection', async (_, bytes) => {
  const one = await client();
  // Enough for whatever stands in the size.
  one.send(bytes, Buffer.alloc(256, 0xff));
  expect(await one.answer()).toBeUndefined();
});

test.each([
  [999, 0],
  [-1, 0],
  [0, 2],
  [0, 99],
  [1, -1],
  [7, 0],
])('API %d in version %d ends the connection', async (key, version) => {
  const one = await client();
  one.send(rawRequest(key, version));
  expect(await one.answer()).toBeUndefined();
});

test('versions of ApiVersions that nobody knows are answered with an error, in the first one', async () => {
  const one = await client();
  one.send(rawRequest(18, 99, undefined, 42));
  const answer = await one.answer();
  expect([answer?.readInt32BE(0), answer?.readInt16BE(4)]).toEqual([42, 35]);
});

test('each API in each version answers, or ends the connection, where lengths and counts cannot be', async () => {
  const bodies = [Buffer.alloc(0), ...[0x00, 0x7f, 0x80, 0xff].map((byte) => Buffer.alloc(64, byte))];
  let closed = 0;
  for (const { key, served } of apis.values())
    for (let version = served.min; version <= served.max; version++)
      for (const body of bodies) {
        const one = await client();
        // Records without acknowledgements are not answered, so something is asked behind it.
        one.send(rawRequest(key, version, body), rawRequest(18, 0));
        if ((await one.answer()) === undefined) closed += 1;
        one.end();
      }
  expect(closed).toBeGreaterThan(300);
}, 30_000);

test('a list of millions of nothings is not read', async () => {
  const one = await client();
  const count = 3_000_000;
  one.send(rawRequest(3, 1, Buffer.concat([int32(count), Buffer.alloc(2 * count)])));
  expect(await one.answer()).toBeUndefined();
});

test('only records may be large', async () => {
  const one = await client();
  one.send(rawRequest(18, 0, Buffer.alloc(8 * 1024 * 1024)));
  expect(await one.answer()).toBeUndefined();
});

test('what many leave unfinished has its bounds together: who goes beyond is cut off, and told of', async () => {
  const halves = await Promise.all(Array.from({ length: 20 }, client));
  for (const one of halves) one.send(int32(50 * 1024 * 1024), Buffer.alloc(900 * 1024));
  await Promise.any(halves.map(({ closed }) => closed));
  await eventually('all have been told of', () => notes.at(-1)?.includes('more in a second') ?? false);
  const [first, ...others] = notes.splice(0);
  expect(first).toContain('a connection ends: Error: no room for');
  expect(others).toHaveLength(1);
});

test('half a request is not waited for for ever', async () => {
  const one = await client();
  const began = performance.now();
  one.send(rawRequest(18, 0).subarray(0, 10));
  expect(await one.answer()).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(maxIdleMs - 100);
});

test('an answer that nobody reads is not kept for ever', async () => {
  await servesStill(broker.address, { topic: 'large', records: 12, bytes: 1_000_000 });
  const one = await client();
  one.stopReading();
  const fetch = bodyOf((to) => {
    to.int32(-1)
      .int32(0)
      .int32(1)
      .int32(2 ** 31 - 1)
      .int8(0);
    to.array(['large'], (topic) =>
      to.text(topic).array([0], () =>
        to
          .int32(0)
          .int64(0n)
          .int32(2 ** 31 - 1),
      ),
    );
  });
  one.send(...Array.from({ length: 50 }, () => rawRequest(1, 4, fetch)));
  await delay(3 * maxIdleMs);
  one.readOn();
  let answers = 0;
  while ((await one.answer()) !== undefined) answers += 1;
  expect(answers).toBeLessThan(10);
});

test('hundreds of requests at once are answered one after the other', async () => {
  const one = await client();
  one.send(...Array.from({ length: 800 }, (_, i) => rawRequest(3, 1, int32(-1), i)));
  for (let i = 0; i < 800; i++) expect((await one.answer())?.readInt32BE(0)).toBe(i);
});

const sound = (): Buffer =>
  encodeBatch([{ key: 'k', value: 'v', timestamp: Date.now() }], {
    producerId: -1n,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
  });
const sealed = (change: (batch: Buffer) => void): Buffer => {
  const batch = sound();
  change(batch);
  batch.writeUInt32BE(checksumOf(batch), layout.crc);
  return batch;
};
const changed = (change: (batch: Buffer) => void): Buffer => {
  const batch = sound();
  change(batch);
  return batch;
};

test.each<[string, number, Buffer]>([
  ['with a wrong checksum', 2, changed((batch) => batch.writeUInt8(0xee, batch.length - 1))],
  ['of a negative length', 2, changed((batch) => batch.writeInt32BE(-1, layout.batchLength))],
  ['longer than the request', 2, changed((batch) => batch.writeInt32BE(1_000, layout.batchLength))],
  ['too short for its header', 2, changed((batch) => batch.writeInt32BE(10, layout.batchLength))],
  ['cut off', 2, sound().subarray(0, uncounted + 3)],
  ['of the old format', 43, changed((batch) => batch.writeInt8(1, layout.magic))],
  ['that is none', 87, Buffer.alloc(0)],
  ['with another behind it', 87, Buffer.concat([sound(), sound()])],
  ['without a record', 87, sealed((batch) => batch.writeInt32BE(0, layout.count))],
  ['of more records than offsets', 87, sealed((batch) => batch.writeInt32BE(9, layout.count))],
  [
    'of more records than it has bytes for',
    87,
    sealed((batch) => {
      batch.writeInt32BE(2 ** 31 - 1, layout.count);
      batch.writeInt32BE(2 ** 31 - 2, layout.lastOffsetDelta);
    }),
  ],
  ['that ends a transaction', 87, sealed((batch) => batch.writeInt16BE(attributes.control, layout.attributes))],
  ['of no known codec', 87, sealed((batch) => batch.writeInt16BE(7, layout.attributes))],
  ['of a producer without a sequence', 87, sealed((batch) => batch.writeBigInt64BE(7n, layout.producerId))],
  ['from the future', 32, sealed((batch) => batch.writeBigInt64BE(2n ** 62n, layout.maxTimestamp))],
])('a batch %s is refused with error %d', async (_, error, bytes) => {
  const cluster = openCluster({ brokers: [broker.address] });
  try {
    await makeTopic(broker.address, 'damaged');
    const batches = [{ topic: 'damaged', partition: 0, bytes }];
    const request = { transactionalId: null, timeoutMs: 1_000, batches };
    expect(await cluster.send('anybody', produce, request)).toMatchObject([{ error }]);
  } finally {
    await cluster.close();
  }
});
