import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startBroker } from '../../src/embedded/broker/server.ts';
import { produce } from '../../src/kafka/api/00-produce.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { offsetOf } from '../../src/kafka/reader/offsets.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { startEmbeddedKafka, type EmbeddedKafka } from '../support/embedded-kafka.ts';
import { makeTopic } from '../support/make-topic.ts';
import { bodyOf, openRawClient, rawRequest } from '../support/raw-client.ts';
import { fuzzBroker } from '../fuzz/fuzz-broker.ts';
import { seedOfRun } from '../support/random.ts';
import { servesStill } from './serves-still.ts';

const mib = 1024 * 1024;
const residentOf = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / mib;

const isLinux = existsSync('/proc/self/status');
const described = isLinux ? describe : describe.skip;

described(isLinux ? 'the memory of a broker' : 'memory, skipped: there is no /proc', () => {
  let broker: EmbeddedKafka;
  beforeAll(async () => {
    broker = await startEmbeddedKafka();
    await servesStill(broker.bootstrap, { records: 200 });
  }, 30_000);
  afterAll(() => broker.stop());

  const raw = (count: number) => Promise.all(Array.from({ length: count }, () => openRawClient(broker.bootstrap)));
  /** By how many MiB it is more at its most than it was before. */
  const growthOf = async (work: () => Promise<void>): Promise<number> => {
    const before = residentOf(broker.pid);
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, residentOf(broker.pid));
    }, 20);
    try {
      await work();
    } finally {
      clearInterval(watch);
    }
    const growth = Math.max(most, residentOf(broker.pid)) - before;
    process.stderr.write(`${expect.getState().currentTestName}: ${Math.round(growth)} MiB more\n`);
    return growth;
  };

  test('1,000 connections on which nothing happens take less than 64 MiB', async () => {
    const growth = await growthOf(async () => {
      const idle = await raw(1_000);
      await servesStill(broker.bootstrap);
      const last = idle.at(-1);
      last?.send(rawRequest(18, 0));
      expect(await last?.answer()).toBeDefined();
      for (const one of idle) one.end();
    });
    expect(growth).toBeLessThan(64);
  }, 20_000);

  test('300 halves of requests that promise 90 MiB each take less than 160 MiB', async () => {
    const growth = await growthOf(async () => {
      const halves = await raw(300);
      const half = Buffer.concat([bodyOf((to) => to.int32(90 * mib)), Buffer.alloc(200 * 1024)]);
      for (const one of halves) one.send(half);
      await delay(1_000);
      await servesStill(broker.bootstrap);
      for (const one of halves) one.end();
    });
    expect(growth).toBeLessThan(160);
  }, 20_000);

  test('a batch that unpacks to 100 MiB takes less than 64 MiB, also where its times are asked for', async () => {
    const bytes = encodeBatch([{ key: 'k', value: Buffer.alloc(100 * mib), timestamp: Date.now() }], {
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      transactional: false,
      codec: 'gzip',
    });
    const cluster = openCluster({ brokers: [broker.bootstrap] });
    const bomb = { topic: 'bomb', partition: 0 };
    await makeTopic(broker.bootstrap, bomb.topic);
    const growth = await growthOf(async () => {
      for (let i = 0; i < 10; i++) {
        const request = { transactionalId: null, timeoutMs: 1_000, batches: [{ ...bomb, bytes }] };
        expect(await cluster.send('anybody', produce, request)).toMatchObject([{ error: 0 }]);
        expect(await offsetOf(cluster, bomb, { timestamp: 1_000 })).toBe(0n);
      }
    });
    await cluster.close();
    expect(growth).toBeLessThan(64);
  }, 20_000);

  test('60 clients that ask for all there is and read none of it take less than 360 MiB', async () => {
    await servesStill(broker.bootstrap, { topic: 'large', records: 32, bytes: 1_000_000 });
    const most = 2 ** 31 - 1;
    const fetch = bodyOf((to) => {
      to.int32(-1).int32(0).int32(1).int32(most).int8(0);
      to.array(['large'], (topic) => to.text(topic).array([0], () => to.int32(0).int64(0n).int32(most)));
    });
    const growth = await growthOf(async () => {
      const deaf = await raw(60);
      for (const one of deaf) {
        one.stopReading();
        one.send(...Array.from({ length: 20 }, () => rawRequest(1, 4, fetch)));
      }
      await delay(2_000);
      await servesStill(broker.bootstrap);
      for (const one of deaf) one.end();
    });
    expect(growth).toBeLessThan(360);
  }, 20_000);

  test('10,000 damaged requests take less than 384 MiB', async () => {
    const growth = await growthOf(async () => {
      await fuzzBroker(broker.bootstrap, seedOfRun(), 10_000);
    });
    await servesStill(broker.bootstrap);
    expect(growth).toBeLessThan(384);
  }, 60_000);

  test('another broker on its folder is refused by name, until it is dead', async () => {
    const { folder, pid } = broker;
    const start = () => startBroker({ folder, port: 0 });
    await expect(start()).rejects.toThrow(`${folder} is in use by the broker of process ${pid}`);
    await servesStill(broker.bootstrap);
    await broker.kill();
    const next = await start();
    await servesStill(next.address);
    await next.close();
    rmSync(folder, { recursive: true });
  });
});

test('a lock that lost its owner with the power keeps nobody out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-lock-'));
  writeFileSync(join(folder, 'lock'), '');
  await (await startBroker({ folder, port: 0 })).close();
  rmSync(folder, { recursive: true });
});
