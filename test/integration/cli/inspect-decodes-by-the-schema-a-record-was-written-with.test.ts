import { CompressionTypes } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownType } from '../../../src/avro/types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { openWriter } from '../../../src/avro/writer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { openScoredLog, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

/** Of somebody else: downlink has no type that could read it. */
const foreign = JSON.stringify({
  type: 'record',
  name: 'Reading',
  namespace: 'elsewhere',
  fields: [
    { name: 'who', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'column', type: { type: 'bytes', logicalType: 'float32-column' } },
    { name: 'level', type: ['null', 'float'], default: null },
    { name: 'raw', type: 'bytes' },
  ],
});

describeWith('kafka', 'inspect', ({ bootstrap }) => {
  const prefix = topicName('inspect-foreign');
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
    const id = await openRegistry({ url: scored.env['DOWNLINK_REGISTRY'] ?? '' }).register('elsewhere', foreign);
    const value = openWriter(ownType(foreign), id).encode({
      who: 'me',
      at: 1_767_225_600_000,
      column: Float32Array.from({ length: 63 }, (_, at) => at + 0.1),
      level: 0.1,
      raw: Buffer.from([255, 0]),
    });
    const producer = quietKafka(bootstrap).producer();
    await producer.connect();
    const headers = { origin: 'a test', odd: Buffer.from([1, 2, 255]) };
    const messages = [{ partition: 1, key: 'SAT-001/A-1', value, headers, timestamp: '1767225600500' }];
    await producer.send({ topic: `${prefix}.scores`, compression: CompressionTypes.GZIP, messages });
    await producer.disconnect();
  });
  afterAll(() => scored.close());

  const inspect = async (...more: readonly string[]): Promise<readonly string[]> => {
    const verb = scored.begin(['inspect', 'scores', '--topology', scored.file, ...more]);
    expect([await verb.ended, verb.err()]).toEqual([0, []]);
    return verb.out();
  };

  test('shows a record of a schema that only the registry knows, with key, headers and compression', async () => {
    expect(await inspect()).toEqual([
      `${prefix}.scores 1:0  CreateTime 2026-01-01T00:00:00.500Z, gzip`,
      '  key      SAT-001/A-1',
      '  headers',
      '    origin  a test',
      '    odd     0x0102ff',
      '  value    schema 4 elsewhere.Reading',
      '    who     me',
      '    at      2026-01-01T00:00:00.000Z',
      '    column  [0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.1, 8.1, 9.1, 10.1, 11.1, … 51 more]',
      '    level   0.1',
      '    raw     0xff00',
    ]);
  });

  test('shows as JSON all of it, as it is stored', async () => {
    const [line = ''] = await inspect('--json', '--partition', '1', '--offset', '0');
    expect(JSON.parse(line)).toMatchObject({
      partition: 1,
      offset: 0,
      timestampType: 'CreateTime',
      compression: 'gzip',
      headers: [
        { name: 'origin', value: 'a test' },
        { name: 'odd', value: { hex: '0102ff' } },
      ],
      schema: { id: 4, name: 'elsewhere.Reading' },
      value: { at: 1_767_225_600_000, column: Array.from({ length: 63 }, (_, at) => at + 0.1), raw: { hex: 'ff00' } },
    });
  });
});
