import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'tail', ({ bootstrap }) => {
  const prefix = topicName('tail');
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
  });
  afterAll(() => scored.close());

  const writeAborted = async (): Promise<void> => {
    const producer = transactional(quietKafka(bootstrap), `${prefix}-aborted`);
    await producer.connect();
    const transaction = await producer.transaction();
    const messages = [{ value: scored.encode(scoresOf('A-1', 900, [9])) }];
    await transaction.send({ topic: `${prefix}.scores`, messages });
    await transaction.abort();
    await producer.disconnect();
  };

  test('prints what is committed from now on, of all partitions, and ends when it is told to', async () => {
    await scored.score(0, scoresOf('A-1', 1, [0.25]));
    const tail = scored.begin(['tail', '--topology', scored.file]);
    await eventually('it has begun', () => tail.err().length > 0);
    await writeAborted();
    await scored.score(0, { ...scoresOf('A-1', 2, [0.25, 4]), gap: [true, false] });
    await eventually('two lines', () => tail.out().length === 2);
    await scored.score(1, { ...scoresOf('A-2', 7, [0.75]), detected: [false], warming: [true] });
    await eventually('three lines', () => tail.out().length === 3);
    expect(tail.out()).toEqual([
      '2026-01-01T00:01:00.000Z  SAT-001/A-1         2       0.25 ≤ 0.5  gap',
      '2026-01-01T00:01:30.000Z  SAT-001/A-1         3          4 > 0.5  DETECTED  hot 75 %, cold 25 %',
      '2026-01-01T00:03:30.000Z  SAT-001/A-2         7       0.75 > 0.5  warming',
    ]);
    expect(tail.err()).toEqual([`following ${prefix}.scores, 2 partitions; ^C ends it`]);
    tail.stop();
    expect(await tail.ended).toBe(0);
  });
});
