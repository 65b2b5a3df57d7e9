import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { deadLetter } from '../../../src/runner/dead-letter.ts';
import { describeWith } from '../../support/describe-with.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'inspect', ({ bootstrap }) => {
  const prefix = topicName('inspect-odd');
  const origin = { stage: 'infer', topic: `${prefix}.scores`, partition: 0 };
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
    const writer = openIdempotentWriter(scored.log.cluster);
    const cut = scored.encode(scoresOf('A-1', 1, [0.25])).subarray(0, 20);
    const records = [cut, 'plain words', null].map((value) => ({ key: null, value, timestamp: 1_767_225_600_000 }));
    await writer.write([{ topic: origin.topic, partition: 0, records }]);
    const [letter] = await scored.log.records(origin.topic, 0);
    if (letter === undefined) throw new Error('there is no record');
    const refused = deadLetter(letter, origin, { code: 'record-corrupt', phase: 'decode', detail: 'cut short' });
    await writer.write([{ topic: `${prefix}.dead`, partition: 0, records: [refused] }]);
  });
  afterAll(() => scored.close());

  const inspect = async (topic: string, env: Readonly<Record<string, string>> = scored.env) => {
    const verb = scored.begin(['inspect', topic, '--topology', scored.file], env);
    expect([await verb.ended, verb.err()]).toEqual([0, []]);
    return verb.out();
  };

  test('as hex or text, and tombstones as what they are', async () => {
    expect((await inspect('scores')).filter((line) => !/^\S|key/.test(line))).toEqual([
      '  value    20 bytes, not decoded: record-corrupt: the record is cut short, or a size in it is wrong',
      expect.stringMatching(/^ {4}0x0000000002[0-9a-f]{30}$/),
      '  value    11 bytes, not decoded: record-unframed: the first byte is 112, not 0',
      '    plain words',
      '  value    null: a tombstone',
    ]);
    const { DOWNLINK_KAFKA } = scored.env;
    const unasked = await inspect('scores', { DOWNLINK_KAFKA: DOWNLINK_KAFKA ?? '' });
    expect(unasked[2]).toBe('  value    20 bytes, not decoded: no schema registry is named: DOWNLINK_REGISTRY');
  });

  test('and a dead letter with what its headers say', async () => {
    expect((await inspect('dead')).slice(2, 12)).toEqual([
      '  headers',
      '    downlink.code       record-corrupt',
      '    downlink.phase      decode',
      '    downlink.stage      infer',
      `    downlink.topic      ${prefix}.scores`,
      '    downlink.partition  0',
      '    downlink.offset     0',
      '    downlink.timestamp  1767225600000 (2026-01-01T00:00:00.000Z)',
      '    downlink.detail     cut short',
      expect.stringContaining('20 bytes, not decoded: record-corrupt'),
    ]);
  });
});
