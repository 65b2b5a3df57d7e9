import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openCluster } from '../../../src/kafka/cluster.ts';
import type { CorruptBatch, OnCorrupt } from '../../../src/kafka/reader/corrupt.ts';
import { openFetcher } from '../../../src/kafka/reader/fetcher.ts';
import { read } from '../../../src/kafka/reader/read.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

// A broker looks at what it is given, so the damage is done on the way out.
describeWith('kafka', 'a batch that comes damaged from a broker', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const config = { brokers: bootstrap.split(','), clientId: 'damaged-batch-test' };
  const cluster = openCluster(config);
  const victim = 'to be damaged';
  let proxy: Proxy;
  let topic = '';

  beforeAll(async () => {
    await admin.connect();
    proxy = await startProxy();
  });
  beforeEach(async () => {
    proxy.behave();
    topic = topicName('damaged');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const writer = openIdempotentWriter(cluster);
    for (const values of [['a', 'b'], [victim, 'c', 'd'], ['e']]) {
      const records = values.map((value) => ({ key: null, value, timestamp: Date.now() }));
      await writer.write([{ topic, partition: 0, records }]);
    }
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), cluster.close(), proxy.stop()]);
  });

  const flip = (answer: Buffer): void => {
    const at = answer.indexOf(victim);
    if (at >= 0) answer[at] = 0x21;
  };
  /** Its size is the third field of a batch's head; the first record begins 61 bytes behind the begin. */
  const resize = (answer: Buffer): void => {
    const at = answer.indexOf(victim);
    // Length, attributes, two deltas and two sizes of a byte each come before the value.
    if (at >= 0) answer.writeInt32BE(900_000, at - 6 - 61 + 8);
  };
  const opened = (corrupt: OnCorrupt) =>
    openFetcher({ config: { ...config, socketFactory: proxy.socketFactory }, corrupt });

  async function readAll(corrupt: OnCorrupt) {
    const fetcher = opened(corrupt);
    const source = fetcher.open({ topic, partition: 0 }, 0n);
    const values: string[] = [];
    const batches: CorruptBatch[] = [];
    try {
      for (let position = 0n; position < 6n;) {
        const chunk = await source.next();
        for (const { value } of chunk.records()) values.push(String(value));
        if (chunk.corrupt !== undefined) batches.push(chunk.corrupt);
        position = chunk.position;
      }
      return { values, batches };
    } catch (failure) {
      // Whoever asks once more hears the same.
      await expect(source.next()).rejects.toBe(failure);
      return { values, batches, failure };
    } finally {
      await fetcher.close();
    }
  }

  test.each([
    ['a bit', flip, 'its checksum is wrong'],
    ['its size', resize, 'it does not end within a GiB'],
  ])('fails by name behind what is good before it: %s', async (_, damage, says) => {
    proxy.on({ api: 'Fetch', times: Infinity }, { damage });
    const { values, failure } = await readAll('fail');
    const detail = `${topic} 0: the batch at offset 2: ${says}`;
    expect([values, failure]).toEqual([['a', 'b'], expect.objectContaining({ code: 'batch-corrupt', detail })]);
  });

  test.each([
    ['a bit', flip],
    ['its size', resize],
  ])('is handed out with its bytes, and reading goes on behind it: %s', async (_, damage) => {
    proxy.on({ api: 'Fetch', times: Infinity }, { damage });
    const { values, batches } = await readAll('hand out');
    expect(values).toEqual(['a', 'b', 'e']);
    expect(batches).toMatchObject([{ position: 2n, next: 5n, error: { code: 'batch-corrupt' } }]);
    expect(batches[0]?.bytes.readBigInt64BE()).toBe(2n);
    expect(batches[0]?.bytes.subarray(-2)).toEqual(Buffer.from('d\0'));
  });

  test('is whole again where it was damaged on the way only, behind good ones', async () => {
    proxy.on({ api: 'Fetch' }, { damage: flip });
    expect(await readAll('fail')).toEqual({ values: ['a', 'b', victim, 'c', 'd', 'e'], batches: [] });
  });

  test('is never passed over by whoever reads a range', async () => {
    proxy.on({ api: 'Fetch', times: Infinity }, { damage: flip });
    const fetcher = opened('hand out');
    const values: string[] = [];
    const reading = async () => {
      for await (const { value } of read(fetcher, { topic, partition: 0 })) values.push(String(value));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'batch-corrupt' });
    expect(values).toEqual(['a', 'b']);
    await fetcher.close();
  });
});
