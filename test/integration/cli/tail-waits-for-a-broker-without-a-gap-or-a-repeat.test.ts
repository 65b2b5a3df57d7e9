import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';

describeWith('cluster', 'tail, while its broker dies and comes back', () => {
  let kafka: KafkaCluster;
  let scored: ScoredLog;
  beforeAll(async () => {
    kafka = await startKafka();
    scored = await openScoredLog(kafka.bootstrap, 'restart');
  }, 120_000);
  afterAll(async () => {
    await scored.close();
    await kafka.stop();
  }, 60_000);

  test('prints every sample once, in order', async () => {
    const tail = scored.begin(['tail', '--topology', scored.file]);
    await eventually('it has begun', () => tail.err().length === 1);
    await scored.score(0, scoresOf('A-1', 0, [0.1, 0.1]), scoresOf('A-1', 2, [0.1]));
    await eventually('three lines', () => tail.out().length === 3);
    await kafka.kill(1);
    await kafka.start(1);
    await scored.score(0, scoresOf('A-1', 3, [0.1]), scoresOf('A-1', 4, [0.1, 0.1]));
    await eventually('three more', () => tail.out().length >= 6, 60_000);
    tail.stop();
    expect(await tail.ended).toBe(0);
    expect(tail.out().map((line) => Number(line.slice(39, 47)))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(tail.err()).toHaveLength(1);
  }, 180_000);
});
