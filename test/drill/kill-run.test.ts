import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe-with.ts';
import { startKafka } from '../support/kafka.ts';
import { killRun } from '../support/kill-run.ts';
import { seedOfRun } from '../support/random.ts';

describeWith('cluster', 'a chain of stages whose processes and brokers die', () => {
  const whole = { records: 200_000, keys: 1_000, stopMs: 15_000, everyMs: 3_000 };
  test.each([
    { brokers: 1 as const, kills: 55, unnoticed: 5, stops: 10, brokerKills: 3, comings: 20 },
    { brokers: 3 as const, kills: 18, unnoticed: 2, stops: 3, brokerKills: 3, comings: 6 },
  ])(
    '$brokers broker(s): every record comes out once, in order, counted right',
    async ({ brokers, ...faults }) => {
      const kafka = await startKafka({ brokers });
      try {
        expect(await killRun(kafka, brokers, { ...whole, ...faults, seed: seedOfRun() })).toEqual([]);
      } finally {
        await kafka.stop();
      }
    },
    1_200_000,
  );
});
