import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { SchemaLogEntry } from '../../../src/contract/schema-log.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { openFetcher, type Fetcher } from '../../../src/kafka/reader/fetcher.ts';
import { committedOffset, offsetOf } from '../../../src/kafka/reader/offsets.ts';
import { read } from '../../../src/kafka/reader/read.ts';
import { openTopicSchemaLog } from '../../../src/kafka/schema-log.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { openTransactionalWriter } from '../../../src/kafka/writer/transactional-writer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { startProxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the reader', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const config = { brokers: bootstrap.split(','), clientId: 'reader-test' };
  const cluster = openCluster(config);
  let fetcher: Fetcher;
  let topic = '';

  beforeAll(async () => {
    await admin.connect();
    fetcher = openFetcher({ config });
  });
  beforeEach(async () => {
    topic = topicName('reader');
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), fetcher.close(), cluster.close()]);
  });

  const to = (partition: number, ...values: string[]) => ({
    topic,
    partition,
    records: values.map((value) => ({ key: 'k', value, timestamp: Date.now() })),
  });
  const valuesOf = async (partition: number, range = {}) => {
    const values: string[] = [];
    for await (const record of read(fetcher, { topic, partition }, range)) values.push(String(record.value));
    return values;
  };

  test('reads what the idempotent writer wrote, each partition from any offset to any other', async () => {
    const writer = openIdempotentWriter(cluster);
    const count = 5_000;
    const values = Array.from({ length: count }, (_, i) => `value ${i}`);
    for (let at = 0; at < count; at += 500) await writer.write([0, 1].map((p) => to(p, ...values.slice(at, at + 500))));
    expect(await valuesOf(0)).toEqual(values);
    expect(await valuesOf(1, { from: 1_234n, to: 1_300n })).toEqual(values.slice(1_234, 1_300));
    expect(await valuesOf(2)).toEqual([]);
    expect(await offsetOf(cluster, { topic, partition: 0 }, 'latest')).toBe(5_000n);
    expect(await offsetOf(cluster, { topic, partition: 0 }, { timestamp: 1_600_000_000_000 })).toBe(0n);
  });

  test('two who read one partition get all of it, each from its own place, with whatever else is read', async () => {
    const writer = openIdempotentWriter(cluster);
    await writer.write([to(0, 'a', 'b'), to(1, 'a', 'b')]);
    const both = openFetcher({ config, paceMs: 20 });
    const open = (partition: number, from: bigint) => both.open({ topic, partition }, from);
    const sources = [open(0, 0n), open(0, 0n), open(1, 0n), open(0, 2n)];
    const got: string[][] = sources.map(() => []);
    const reading = sources.map(async (source, at) => {
      while ((got[at]?.length ?? 0) < (at === 3 ? 2 : 4))
        for (const record of (await source.next()).records()) got[at]?.push(String(record.value));
    });
    for (const value of ['c', 'd']) {
      await writer.write([to(0, value), to(1, value)]);
      await delay(50);
    }
    await Promise.all(reading);
    const all = ['a', 'b', 'c', 'd'];
    expect(got).toEqual([all, all, all, ['c', 'd']]);
    await both.close();
  });

  test('leaves a broker alone that has given all that it had, and asks one at once that was left alone for long', async () => {
    const [paceMs, writer] = [1_000, openIdempotentWriter(cluster)];
    const paced = openFetcher({ config, paceMs });
    const source = paced.open({ topic, partition: 0 }, 0n);
    const took = async (value: string): Promise<number> => {
      const began = performance.now();
      await writer.write([to(0, value)]);
      await source.next();
      return performance.now() - began;
    };
    await took('first');
    expect(await took('soon after')).toBeGreaterThan(paceMs / 2);
    await delay(2 * paceMs);
    expect(await took('after a lull')).toBeLessThan(paceMs / 2);
    await paced.close();
  });

  test('hands out no record of interleaved aborted transactions, not even behind keys of four zero bytes', async () => {
    const [one, two] = [transactional(kafka, `${topic}-1`), transactional(kafka, `${topic}-2`)];
    await Promise.all([one.connect(), two.connect()]);
    const send = { topic, partition: 0 };
    const messages = (value: string) => [{ key: Buffer.alloc(4), value, partition: 0 }];
    for (let round = 0; round < 15; round++) {
      const [a, b] = [await one.transaction(), await two.transaction()];
      await a.send({ ...send, messages: messages(`aborted a ${round}`) });
      await b.send({ ...send, messages: messages(`aborted b ${round}`) });
      await b.send({ ...send, messages: messages(`aborted b again ${round}`) });
      await (round % 2 ? a : b).abort();
      if (round % 2 === 0) await a.send({ ...send, messages: messages(`aborted a late ${round}`) });
      await (round % 2 ? b : a).abort();
      const good = await one.transaction();
      await good.send({ ...send, messages: messages(`committed ${round}`) });
      await good.commit();
    }
    await Promise.all([one.disconnect(), two.disconnect()]);
    const committed = Array.from({ length: 15 }, (_, round) => `committed ${round}`);
    // A commit is answered before its markers are written, and read up to them.
    await eventually('all that was committed is there', async () => (await valuesOf(0)).length >= committed.length);
    expect(await valuesOf(0)).toEqual(committed);
    // From each offset in turn, so also from inside open aborted transactions.
    const end = await offsetOf(cluster, { topic, partition: 0 }, 'latest');
    for (let from = 0n; from < end; from++) {
      const values = await valuesOf(0, { from });
      expect(values).toEqual(committed.slice(committed.length - values.length));
    }
  });

  test('says where the log begins and ends when the position is outside of it, and jumps nowhere', async () => {
    const writer = openIdempotentWriter(cluster);
    await writer.write([to(0, 'a', 'b', 'c', 'd')]);
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    for (const from of [0n, 9n]) {
      const source = fetcher.open({ topic, partition: 0 }, from);
      await expect(source.next()).rejects.toMatchObject({
        code: 'position-outside-log',
        detail: `${topic} 0: position ${from} is outside the log, which holds 2 to 4`,
      });
      source.close();
    }
    expect(await valuesOf(0)).toEqual(['c', 'd']);
  });

  test('hears of a new record within its long poll, and goes where it is told', async () => {
    const writer = openIdempotentWriter(cluster);
    await writer.write([to(0, 'a', 'b')]);
    const source = fetcher.open({ topic, partition: 0 }, 0n);
    const values = async () => [...(await source.next()).records()].map(({ value }) => String(value));
    expect(await values()).toEqual(['a', 'b']);
    const waiting = values();
    await writer.write([to(0, 'c')]);
    const began = performance.now();
    expect(await waiting).toEqual(['c']);
    expect(performance.now() - began).toBeLessThan(1_000);
    source.seek(1n);
    expect(await values()).toEqual(['b', 'c']);
    source.close();
    await expect(source.next()).rejects.toMatchObject({ code: 'kafka-unavailable' });
  });

  test('goes on exactly where it was when its connections break, again and again', async () => {
    const proxy = await startProxy();
    const shaky = openFetcher({ config: { ...config, socketFactory: proxy.socketFactory } });
    const writer = openIdempotentWriter(cluster);
    const source = shaky.open({ topic, partition: 0 }, 0n);
    const seen: string[] = [];
    const reading = (async () => {
      while (seen.length < 60) for (const { value } of (await source.next()).records()) seen.push(String(value));
    })();
    for (let i = 0; i < 60; i++) {
      await writer.write([to(0, `value ${i}`)]);
      if (i % 10 === 3) proxy.on({ api: 'Fetch' }, 'lose answer');
      if (i % 10 === 6) proxy.cut();
    }
    await reading;
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => `value ${i}`));
    await shaky.close();
    await proxy.stop();
  });

  test('waits for an offset that stands in an open transaction', async () => {
    const group = `${topic}-group`;
    const partition = { topic, partition: 0 };
    expect(await committedOffset(cluster, group, partition)).toBeUndefined();
    const writer = openTransactionalWriter(cluster, { transactionalId: topic });
    await writer.fence();
    const offsets = { group, offsets: [{ ...partition, offset: 5n }] };
    expect(await writer.transact({ records: [to(0, 'x')], offsets })).toEqual({ end: 'committed' });
    expect(await committedOffset(cluster, group, partition)).toBe(5n);
  });

  test("keeps a schema registry's state in a topic", async () => {
    const log = openTopicSchemaLog(cluster, fetcher, topic);
    const entries: SchemaLogEntry[] = [
      { key: { keytype: 'CONFIG', subject: null, magic: 0 }, value: { subject: null, compatibilityLevel: 'FULL' } },
      {
        key: { keytype: 'SCHEMA', subject: 's', version: 1, magic: 1 },
        value: { subject: 's', version: 1, id: 1, schema: '"string"', deleted: false },
      },
      { key: { keytype: 'SCHEMA', subject: 's', version: 1, magic: 1 }, value: null },
    ];
    expect(await log.read()).toEqual([]);
    for (const entry of entries) await log.append(entry);
    expect(await log.read()).toEqual(entries);
  });
});
