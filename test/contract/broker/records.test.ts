import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CompressionTypes, type Message } from 'kafkajs';
import { describeWith } from '../../support/describe-with.ts';
import { readUpTo } from '../../support/group-member.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'records', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const admin = kafka.admin();
  const producer = kafka.producer();

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  const writtenAndRead = async (messages: Message[], compression = CompressionTypes.None) => {
    const topic = topicName('records');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await producer.send({ topic, compression, messages: [...messages, { value: 'end' }] });
    return (await readUpTo(kafka, topic, 'end')).slice(0, -1).map(({ message }) => message);
  };

  test('come back byte for byte, with keys, values, headers and timestamps', async () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const headers = { one: everyByte, empty: Buffer.alloc(0), twice: [Buffer.from('a'), Buffer.from('b')] };
    const [read] = await writtenAndRead([{ key: everyByte, value: everyByte, headers, timestamp: '1700000000123' }]);
    expect(read).toMatchObject({ offset: '0', key: everyByte, value: everyByte, headers, timestamp: '1700000000123' });
  });

  test('may have neither key nor value, which is not the same as empty ones', async () => {
    const read = await writtenAndRead([
      { key: null, value: null },
      { key: Buffer.alloc(0), value: Buffer.alloc(0) },
    ]);
    expect(read.map(({ key, value }) => [key, value])).toEqual([
      [null, null],
      [Buffer.alloc(0), Buffer.alloc(0)],
    ]);
  });

  test.each([
    ['plain', CompressionTypes.None],
    ['gzipped', CompressionTypes.GZIP],
  ])('come back in the order of their offsets, without a gap, from a %s batch', async (_name, compression) => {
    const values = Array.from({ length: 500 }, (_, n) => `value ${n}`);
    const read = await writtenAndRead(
      values.map((value) => ({ value })),
      compression,
    );
    expect(read.map(({ value }) => String(value))).toEqual(values);
    expect(read.map(({ offset }) => Number(offset))).toEqual(values.map((_, n) => n));
  });
});
