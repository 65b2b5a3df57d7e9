import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe-with.ts';
import { startEmbeddedCluster } from '../support/embedded-kafka.ts';
import { exactResume } from '../support/exact-resume.ts';
import { startKafka } from '../support/kafka.ts';
import { seedOfRun } from '../support/random.ts';
import { scoreHashes } from '../support/score-hash.ts';
import { goldenScores } from '../support/smap-golden.ts';
import { countOf } from '../support/smap-reading.ts';
import { startSmap } from '../support/smap-system.ts';
import { topicName } from '../support/topic-name.ts';

const data = process.env['DOWNLINK_TEST_SMAP'];
const start = Date.UTC(2026, 0, 1);

if (data === undefined)
  process.stderr.write('skipped: set DOWNLINK_TEST_SMAP to the SMAP data set (train/, test/, labeled_anomalies.csv)\n');

describeWith('cluster', 'all test rows of the nine SMAP entities', () => {
  describeWith('victoriaProgram', 'with a real VictoriaMetrics', ({ file }) => {
    (data === undefined ? test.skip : test).each([
      { on: 'Apache Kafka', startBroker: () => startKafka() },
      { on: 'the embedded broker', startBroker: () => startEmbeddedCluster() },
    ])(
      'on $on every process dies in turn, five times: every sample has one score, that of the undisturbed run',
      async ({ startBroker }) => {
        const telemetry = { data: data ?? '', split: 'test' } as const;
        const golden = await goldenScores({ start, intervalMs: 30_000, rows: Infinity, telemetry });
        const kafka = await startBroker();
        const victoria = { bootstrap: kafka.bootstrap, victoria: file };
        const system = await startSmap({ ...victoria, prefix: topicName('exact'), idleMs: 2_000 });
        try {
          const { hashes, faults, anomalies, undisturbed } = await exactResume({
            seed: seedOfRun(),
            kafka,
            system,
            replay: ['--data', data ?? '', '--start', new Date(start).toISOString()],
            train: ['--data', data ?? ''],
            golden,
            samples: countOf(golden),
            rows: 1 + Math.max(...golden.map(({ indices }) => indices.at(-1) ?? 0)),
            rounds: 5,
          });
          process.stderr.write(`${countOf(golden)} samples\n`);
          expect(faults).toEqual([]);
          expect(hashes).toEqual(scoreHashes(golden));
          expect([...anomalies.keys()]).toHaveLength(9);
          expect(anomalies).toEqual(undisturbed);
        } finally {
          await system.close();
          await kafka.stop();
        }
      },
      900_000,
    );
  });
});
