import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe-with.ts';
import { startEmbeddedCluster } from '../support/embedded-kafka.ts';
import { startKafka } from '../support/kafka.ts';
import { killRun } from '../support/kill-run.ts';
import { seedOfRun } from '../support/random.ts';

const whole = { records: 200_000, keys: 1_000, stopMs: 15_000, everyMs: 3_000 };
const allFaults = { kills: 55, unnoticed: 5, stops: 10, brokerKills: 3, comings: 20 };
const someFaults = { kills: 18, unnoticed: 2, stops: 3, brokerKills: 3, comings: 6 };

describeWith('cluster', 'a chain of stages whose processes and brokers die', () => {
  test.each([
    { on: 'one broker', brokers: 1, start: () => startKafka({ brokers: 1 }), faults: allFaults },
    { on: 'three brokers', brokers: 3, start: () => startKafka({ brokers: 3 }), faults: someFaults },
    { on: 'the embedded broker', brokers: 1, start: () => startEmbeddedCluster(), faults: allFaults },
  ])(
    'on $on every record comes out once, in order, counted right',
    async ({ brokers, start, faults }) => {
      const kafka = await start();
      try {
        expect(await killRun(kafka, brokers, { ...whole, ...faults, seed: seedOfRun() })).toEqual([]);
      } finally {
        await kafka.stop();
      }
    },
    1_200_000,
  );
});
