import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { killRun } from '../../support/kill-run.ts';
import { seedOfRun } from '../../support/random.ts';

describeWith('cluster', 'a chain of stages whose processes and broker die', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ brokers: 1 });
  }, 120_000);
  afterAll(() => kafka.stop(), 60_000);

  test('every record comes out once, in order, counted right', async () => {
    const run = {
      records: 20_000,
      keys: 100,
      kills: 8,
      unnoticed: 0,
      stops: 1,
      stopMs: 13_000,
      brokerKills: 1,
      comings: 3,
    };
    expect(await killRun(kafka, 1, { ...run, seed: seedOfRun(), everyMs: 2_000 })).toEqual([]);
  }, 180_000);
});
