import { expect, test } from '@jest/globals';
import type { Records } from '../../../src/contract/index.ts';
import { faultIn, type Fault } from '../../../src/replay/faults.ts';
import { goldenScores, shapes } from '../../support/smap-golden.ts';

const entities = ['A-1', 'A-2', 'A-3', 'D-1', 'D-2', 'E-1', 'P-1', 'P-2', 'G-1'];
const rows = 600;

/** Ten minutes of a sample a second; by entity the rows that were detected. */
async function detected(seed: number, faults: readonly Fault[] = []) {
  const telemetry = { generate: 'smap', seed, rows, shapes };
  const scores = await goldenScores({ start: Date.UTC(2026, 0, 1), intervalMs: 1_000, rows, telemetry, faults });
  expect(scores.reduce((sum, { score }) => sum + score.length, 0)).toBe(rows * entities.length);
  return new Map(entities.map((name) => [name, scores.filter(({ entity }) => entity === name).flatMap(rowsDetected)]));
}

const rowsDetected = ({ indices, detected: flags }: Records['scores']): readonly number[] =>
  indices.filter((_, at) => flags[at] === true);

test('ten quiet minutes of the nine entities: nothing is detected', async () => {
  for (const seed of [1, 2]) expect([...(await detected(seed)).values()].flat()).toEqual([]);
}, 60_000);

test('half of the commands, or all of them, wrong for 20 rows: each of these rows is detected, and no other', async () => {
  const faults = entities.flatMap((name) => [
    faultIn(`commands:${name}:200:20:0.5`) as Fault,
    faultIn(`commands:${name}:400:20`) as Fault,
  ]);
  const wrong = Array.from({ length: 40 }, (_, at) => (at < 20 ? 200 + at : 380 + at));
  for (const [name, found] of await detected(1, faults)) expect([name, found]).toEqual([name, wrong]);
}, 60_000);
