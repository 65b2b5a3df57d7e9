import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { cut, scoresOf, startDetectSystem } from './detect-system.ts';

const rows = 3_000;
const rounds = 6;

describeWith('kafka', 'detect on a real Kafka', ({ bootstrap }) => {
  test('killed again and again it tells of each anomaly once, as if it had never died', async () => {
    const system = await startDetectSystem(bootstrap);
    const random = seeded(seedOfRun());
    try {
      const all = system.topology.entities.map(({ satellite, name }, at) =>
        scoresOf(satellite, name, rows, 1_000 + Math.floor(random() * 1_500), at),
      );
      const each = rows / cut / rounds;
      for (let round = 0; round < rounds; round++) {
        const running = system.start(['detect']);
        await system.send(all.map((records) => records.slice(round * each, (round + 1) * each)));
        // As it starts, restores, works or waits.
        await delay(500 + 2_500 * random());
        if (round < rounds - 1) await system.kill(running);
      }
      const expected = await system.undisturbed();
      const opened = expected.filter(({ phase }) => phase === 'opened');
      expect(opened.length).toBeGreaterThanOrEqual(all.length);
      const closed = expected.filter(({ phase }) => phase === 'closed');
      expect(closed.map(({ id }) => id).sort()).toEqual(opened.map(({ id }) => id).sort());
      await eventually('all is told', async () => (await system.anomalies()).length >= expected.length, 30_000);
      expect(await system.anomalies()).toEqual(expected);
      for (const running of [...system.processes]) expect(await system.stop(running)).toBe(0);
    } finally {
      await system.close();
    }
  }, 120_000);
});
