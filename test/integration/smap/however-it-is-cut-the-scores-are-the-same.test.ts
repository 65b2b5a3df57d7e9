import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGolden } from '../../../src/models/golden.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { npyBytes } from '../../support/npy-bytes.ts';
import { scoreHashes } from '../../support/score-hash.ts';
import { countOf, openReading, scoresOf, type Reading } from '../../support/smap-reading.ts';
import { smapStages, startSmap } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';

// Of the golden files those of `smap.yaml`.
const goldens = ['A-1', 'D-2', 'P-1'].map((entity) =>
  readGolden(join(import.meta.dirname, '..', '..', 'models', 'data', entity, 'golden.json')),
);
const start = '2026-01-01T00:00:00Z';

interface Cut {
  readonly partitions: number;
  readonly instances: number;
  readonly maxSamples: number;
  readonly block: string;
  readonly speed: string;
}
const cuts: readonly Cut[] = [
  { partitions: 1, instances: 1, maxSamples: 1, block: '1', speed: 'max' },
  // 256 rows in about four seconds.
  { partitions: 4, instances: 3, maxSamples: 8, block: '1', speed: '2000' },
  { partitions: 12, instances: 1, maxSamples: 64, block: '64', speed: 'max' },
];

describeWith('kafka', 'the golden samples as a data set', ({ bootstrap }) => {
  let folder: string;
  let reading: Reading;
  let first: ReadonlyMap<string, string> | undefined;
  beforeAll(() => {
    reading = openReading(bootstrap);
    folder = mkdtempSync(join(tmpdir(), 'downlink-golden-'));
    mkdirSync(join(folder, 'test'));
    const form = { version: 1, type: '<f8', fortran: false } as const;
    for (const { entity, samples, values } of goldens)
      writeFileSync(
        join(folder, 'test', `${entity}.npy`),
        npyBytes(samples, 25, (row, column) => values[row * 25 + column] ?? NaN, form),
      );
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await reading.close();
  });

  test.each(cuts)(
    '$partitions partitions, $instances instances, up to $maxSamples samples, blocks of $block, speed $speed: PyTorch’s scores, the same bits each time',
    async ({ partitions, instances, maxSamples, block, speed }) => {
      const system = await startSmap({ bootstrap, prefix: topicName('cut'), partitions, maxSamples });
      try {
        for (let i = 0; i < instances; i++) system.start(smapStages);
        await system.downlink('replay', '--data', folder, '--block', block, '--speed', speed, '--start', start);
        const scores = () => scoresOf(system.topology, system.registry, reading.fetcher);
        const all = goldens.reduce((sum, { samples }) => sum + samples, 0);
        await eventually('all is scored', async () => countOf(await scores()) >= all, 30_000);
        const found = await scores();
        const hashes = scoreHashes(found);
        expect(hashes.size).toBe(3);
        expect(hashes).toEqual((first ??= hashes));
        for (const golden of goldens) {
          const own = found.filter(({ entity }) => entity === golden.entity);
          const score = own.flatMap((one) => [...one.score]);
          const reconstruction = own.flatMap((one) => [...one.reconstruction]);
          expect(most(score, golden.score)).toBeLessThan(2e-6);
          expect(most(reconstruction, golden.reconstruction)).toBeLessThan(2e-6);
        }
      } finally {
        await system.close();
      }
    },
    60_000,
  );
});

/** The largest difference; of different lengths there is no end to it. */
const most = (found: ArrayLike<number>, golden: ArrayLike<number>): number =>
  found.length === golden.length
    ? Math.max(...Array.from(found, (value, at) => Math.abs(value - (golden[at] ?? NaN))))
    : Infinity;
