import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a network that misbehaves', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  let topic = '';
  let proxy: Proxy;
  let kafka: Kafka;
  let producer: Producer;

  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());
  beforeEach(async () => {
    topic = topicName('proxy');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    proxy = await startProxy();
    kafka = quietKafka(bootstrap, { socketFactory: proxy.socketFactory, requestTimeout: 1_000 });
    producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    await send('first');
  });
  afterEach(async () => {
    proxy.behave();
    await producer.disconnect();
    await proxy.stop();
  });

  const send = (value: string) => producer.send({ topic, messages: [{ value }] });
  const stored = async (through: Admin = admin): Promise<number> =>
    Number((await through.fetchTopicOffsets(topic))[0]?.high);

  test('lets everything through as long as it is not told otherwise', async () => {
    const through = kafka.admin();
    await through.connect();
    expect([await stored(through), proxy.delivered('Produce')]).toEqual([1, 1]);
    expect(proxy.connections()).toBeGreaterThan(1);
    await through.disconnect();
  });

  test('drops a request: the client sees an end, the broker nothing', async () => {
    const rule = proxy.on({ api: 'Produce' }, 'drop request');
    await expect(send('dropped')).rejects.toThrow();
    await send('second');
    expect([rule.hits, proxy.delivered('Produce'), await stored()]).toEqual([1, 2, 2]);
  });

  test('loses an answer: the client sees an end, the broker has done it', async () => {
    const rule = proxy.on({ api: 'Produce' }, 'lose answer');
    await expect(send('unknown')).rejects.toThrow();
    expect([rule.hits, await stored()]).toEqual([1, 2]);
  });

  test('acts on the requests that were meant: after so many, so many times, for that broker', async () => {
    const elsewhere = proxy.on({ api: 'Produce', broker: 'elsewhere:1' }, 'drop request');
    const rule = proxy.on({ api: 0, after: 1, times: 2 }, 'drop request');
    const outcomes: boolean[] = [];
    for (let n = 0; n < 5; n += 1) {
      outcomes.push(
        await send('x').then(
          () => true,
          () => false,
        ),
      );
    }
    expect(outcomes).toEqual([true, false, false, true, true]);
    expect([elsewhere.hits, rule.hits]).toEqual([0, 2]);
  });

  test('a rule that was removed does nothing', async () => {
    proxy.on({ api: 'Produce', times: Infinity }, 'drop request').remove();
    await send('second');
    expect(await stored()).toBe(2);
  });

  test.each([{ holdRequestMs: 400 }, { holdAnswerMs: 400 }])('takes its time: %j', async (action) => {
    proxy.on({ api: 'Produce' }, action);
    const began = performance.now();
    const sent = send('slow');
    await delay(200);
    expect(await stored()).toBe('holdRequestMs' in action ? 1 : 2);
    await sent;
    expect(performance.now() - began).toBeGreaterThan(390);
    expect(await stored()).toBe(2);
  });

  test('delivers late what the client has given up', async () => {
    proxy.on({ api: 'Produce' }, { deliverLateMs: 400 });
    await expect(send('late')).rejects.toThrow();
    expect(await stored()).toBe(1);
    await eventually('the broker has it', async () => (await stored()) === 2);
  });

  test('freezes: nothing moves and nothing ends until it thaws', async () => {
    const connections = proxy.connections();
    proxy.on({ api: 'Produce' }, 'freeze');
    let ended = false;
    const sent = send('frozen').finally(() => {
      ended = true;
    });
    await delay(300);
    expect([ended, await stored(), proxy.connections()]).toEqual([false, 1, connections]);
    proxy.thaw();
    await sent;
    expect(await stored()).toBe(2);
  });

  test('cuts every connection, when told and at a request', async () => {
    expect(proxy.cut('elsewhere:1')).toBe(0);
    expect(proxy.cut()).toBeGreaterThan(0);
    expect(proxy.connections()).toBe(0);
    await eventually('the client is back', () => send('second').then(() => true));
    proxy.on({ api: 'Produce' }, 'cut all');
    await expect(send('cut')).rejects.toThrow();
    await send('third');
    expect(await stored()).toBe(3);
  });
});
