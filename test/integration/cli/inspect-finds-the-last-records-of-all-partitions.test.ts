import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { openScoredLog, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'inspect', ({ bootstrap }) => {
  const prefix = topicName('inspect-last');
  const topic = `${prefix}.dead`;
  const producer = transactional(quietKafka(bootstrap), `${prefix}-writer`);
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
    await producer.connect();
    // Partition 0: twelve, then forty that nobody sees, then one; partition 1: one that was made among the twelve.
    for (let at = 0; at <= 52; at++) {
      const transaction = await producer.transaction();
      const message = { partition: 0, value: `v${at}`, timestamp: String(1_000_000 + at * 2_000) };
      await transaction.send({ topic, messages: [message] });
      await (at < 12 || at === 52 ? transaction.commit() : transaction.abort());
    }
    const late = { partition: 1, value: 'between', timestamp: String(1_000_000 + 10 * 2_000 + 1) };
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [late] });
    await transaction.commit();
  }, 60_000);
  afterAll(() => Promise.all([producer.disconnect(), scored.close()]));

  const inspect = async (...more: readonly string[]) => {
    const verb = scored.begin(['inspect', topic, '--topology', scored.file, ...more]);
    const code = await verb.ended;
    const found = verb.out().map((line) => JSON.parse(line) as { value: unknown; partition: number; offset: number });
    return { code, err: verb.err(), found: found.map((one) => `${one.partition}:${one.offset} ${String(one.value)}`) };
  };

  test('by their time, over markers and what was aborted, of one partition where one is named', async () => {
    expect((await inspect('--json', '--last', '4')).found).toEqual([
      '0:20 v10',
      '1:0 between',
      '0:22 v11',
      '0:104 v52',
    ]);
    const { found } = await inspect('--json', '--last', '3', '--partition', '0');
    expect(found).toEqual(['0:20 v10', '0:22 v11', '0:104 v52']);
    expect((await inspect('--json')).found).toHaveLength(5);
    expect((await inspect('--json', '--last', '99')).found).toHaveLength(14);
  });

  test('or the one at an offset, and says why there is none', async () => {
    const at = (partition: number, offset: number) =>
      inspect('--json', '--partition', `${partition}`, '--offset', `${offset}`);
    expect(await at(0, 4)).toEqual({ code: 0, err: [], found: ['0:4 v2'] });
    expect(await at(0, 5)).toMatchObject({ code: 1, err: [expect.stringMatching(/0:5 is no record .* is at 6$/)] });
    expect(await at(0, 105)).toMatchObject({ code: 1, err: [expect.stringMatching(/; none follows$/)] });
    expect(await at(0, 106)).toMatchObject({ code: 1, err: [expect.stringContaining('the log ends before 106')] });
    const open = await producer.transaction();
    await open.send({ topic, messages: [{ partition: 1, value: 'undecided' }] });
    expect(await at(1, 2)).toMatchObject({ code: 1, err: [expect.stringMatching(/a transaction from 2 on is open$/)] });
    expect((await inspect('--json', '--last', '1')).found).toEqual(['0:104 v52']);
    await open.abort();
    expect(await at(2, 0)).toMatchObject({ code: 2, err: [expect.stringContaining('the partitions 0 to 1')] });
  });
});
