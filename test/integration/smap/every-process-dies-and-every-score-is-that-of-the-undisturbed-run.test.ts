import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { exactResume } from '../../support/exact-resume.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { seedOfRun } from '../../support/random.ts';
import { scoreHashes } from '../../support/score-hash.ts';
import { goldenScores, shapes } from '../../support/smap-golden.ts';
import { countOf } from '../../support/smap-reading.ts';
import { startSmap, type SmapSystem } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';

const rows = 400;
const start = Date.UTC(2026, 0, 1);

describeWith('cluster', 'the SMAP path on a Kafka of its own', () => {
  describeWith('victoriaProgram', 'with a real VictoriaMetrics', ({ file }) => {
    let kafka: KafkaCluster;
    let system: SmapSystem;
    beforeAll(async () => {
      kafka = await startKafka();
      system = await startSmap({
        bootstrap: kafka.bootstrap,
        victoria: file,
        prefix: topicName('exact'),
        idleMs: 2_000,
      });
    }, 60_000);
    afterAll(async () => {
      await system.close();
      await kafka.stop();
    }, 30_000);

    test('every process dies in turn: every sample has one score, that of the undisturbed run', async () => {
      const golden = await goldenScores({
        start,
        intervalMs: 30_000,
        rows,
        telemetry: { generate: 'smap', seed: 1, rows, shapes },
      });
      expect(countOf(golden)).toBe(9 * rows);
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
    }, 180_000);
  });
});
