import { describe, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { startEmbeddedCluster } from '../../support/embedded-kafka.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { killRun } from '../../support/kill-run.ts';
import { seedOfRun } from '../../support/random.ts';

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

async function survives(start: () => Promise<KafkaCluster>, less: Partial<typeof run> = {}): Promise<void> {
  const kafka = await start();
  try {
    expect(await killRun(kafka, 1, { ...run, ...less, seed: seedOfRun(), everyMs: 2_000 })).toEqual([]);
  } finally {
    await kafka.stop();
  }
}

describeWith('cluster', 'a chain of stages whose processes and broker die', () => {
  test(
    'every record comes out once, in order, counted right',
    () => survives(() => startKafka({ brokers: 1 })),
    300_000,
  );
});

describe('a chain of stages on the embedded broker, which dies like the processes', () => {
  // The stop is the same on any broker; whole it is a drill.
  const less = { records: 10_000, kills: 4, stops: 0 };
  test(
    'every record comes out once, in order, counted right',
    () => survives(() => startEmbeddedCluster(), less),
    300_000,
  );
});
