import { expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { npyBytes } from '../../support/npy-bytes.ts';
import { seeded } from '../../support/random.ts';
import { scoresOf, startDetectSystem } from './detect-system.ts';

const form = { version: 1, type: '<f4', fortran: false } as const;

describeWith('kafka', 'detect train on a real Kafka', ({ bootstrap }) => {
  test('what was as busy in quiet rows of a data set, or of the topic, is no anomaly', async () => {
    const system = await startDetectSystem(bootstrap);
    const data = mkdtempSync(join(tmpdir(), 'downlink-quiet-'));
    const random = seeded(3);
    const busyRows = npyBytes(2_000, 25, (_, column) => (column === 0 ? (random() - 0.5) * 0.6 : 0), form);
    mkdirSync(join(data, 'train'));
    writeFileSync(join(data, 'train', 'A-1.npy'), busyRows);
    try {
      const start = Date.now();
      const busy = (name: string, satellite: string, seed: number) => scoresOf(satellite, name, 1_500, 1_000, seed);
      await expect(system.downlink('detect', 'train', '--data', data, '--entity', 'A-9')).rejects.toThrow('A-9');
      expect(await system.downlink('detect', 'train', '--data', data, '--entity', 'A-1')).toMatch(/SAT-001\/A-1 +2000/);

      const running = system.start(['detect']);
      await system.send([busy('A-1', 'SAT-001', 1), busy('A-2', 'SAT-001', 2)]);
      const rulesOf = async (entity: string) =>
        (await system.anomalies()).filter((one) => one.entity === entity).flatMap(({ rules }) => rules);
      const lags = async () =>
        (await system.downlink('offsets', 'ls', '--stage', 'detect'))
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.at(-1));
      await eventually('all is judged', async () => (await lags()).every((lag) => lag === '0'), 30_000);
      expect(await rulesOf('A-2')).toContain('too-busy');
      expect(await rulesOf('A-1')).not.toContain('too-busy');
      await expect(system.downlink('detect', 'train', '--data', data)).rejects.toThrow('stop the stage first');
      expect(await system.stop(running)).toBe(0);

      const from = new Date(start).toISOString();
      const again = await system.downlink('detect', 'train', '--from', from, '--entity', 'A-2');
      expect(again).toMatch(/SAT-001\/A-2 +1500 +in place of what it had learned/);
    } finally {
      rmSync(data, { recursive: true });
      await system.close();
    }
  }, 60_000);
});
