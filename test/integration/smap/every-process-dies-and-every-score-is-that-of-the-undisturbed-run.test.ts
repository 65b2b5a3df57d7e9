import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { startEmbeddedCluster } from '../../support/embedded-kafka.ts';
import { exactResume } from '../../support/exact-resume.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { seedOfRun } from '../../support/random.ts';
import { scoreHashes } from '../../support/score-hash.ts';
import { goldenScores, shapes } from '../../support/smap-golden.ts';
import { countOf } from '../../support/smap-reading.ts';
import { startSmap } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';

const rows = 400;
const start = Date.UTC(2026, 0, 1);

async function isAsUndisturbed(victoria: string, startBroker: () => Promise<KafkaCluster>): Promise<void> {
  const telemetry = { generate: 'smap', seed: 1, rows, shapes } as const;
  const golden = await goldenScores({ start, intervalMs: 30_000, rows, telemetry });
  expect(countOf(golden)).toBe(9 * rows);
  const kafka = await startBroker();
  const { bootstrap } = kafka;
  const system = await startSmap({ bootstrap, victoria, prefix: topicName('exact'), idleMs: 2_000 });
  try {
    const { hashes, faults, anomalies, undisturbed } = await exactResume({
      seed: seedOfRun(),
      kafka,
      system,
      replay: ['--generate', 'smap', '--seed', '1', '--start', new Date(start).toISOString()],
      golden,
      samples: 9 * rows,
      rows,
      rounds: 1,
    });
    expect(faults).toEqual([]);
    expect(hashes).toEqual(scoreHashes(golden));
    expect(anomalies).toEqual(undisturbed);
  } finally {
    await system.close();
    await kafka.stop();
  }
}

const sentence = 'every process dies in turn: every sample has one score, that of the undisturbed run';

describeWith('victoriaProgram', 'the SMAP path with a real VictoriaMetrics', ({ file }) => {
  describeWith('cluster', 'on a Kafka of its own', () => {
    test(sentence, () => isAsUndisturbed(file, () => startKafka()), 240_000);
  });
  test(`on the embedded broker, ${sentence}`, () => isAsUndisturbed(file, () => startEmbeddedCluster()), 240_000);
});
