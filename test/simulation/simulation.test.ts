import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { seedOfRun } from '../support/random.ts';
import { plants as allPlants } from './plants.ts';
import type { Answer, Schedules } from './run-schedules.ts';

const schedules = Number(process.env['DOWNLINK_TEST_SCHEDULES'] ?? 10_000);
const schedulesPerPlant = 4_000;
const seed = seedOfRun();
let processes: readonly ChildProcess[];

beforeAll(() => {
  const loaders = ['../support/typescript.mjs', 'stand-ins.mjs'].flatMap((file) => [
    '--import',
    join(import.meta.dirname, file),
  ]);
  processes = [0, 1].map(() => fork(join(import.meta.dirname, 'run-schedules.ts'), [], { execArgv: loaders }));
});
afterAll(async () => {
  await Promise.all(
    processes.map(async (child) => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }),
  );
});

/** In both processes, each half of the seeds. */
async function run(count: number, plant?: Schedules['plant']): Promise<readonly Answer[]> {
  return Promise.all(
    processes.map(async (child, i) => {
      const mine: Schedules = { from: seed + i, step: 2, count: count / 2, ...(plant === undefined ? {} : { plant }) };
      child.send(mine);
      const [answer] = (await once(child, 'message')) as [Answer];
      return answer;
    }),
  );
}

test(`${schedules} schedules of workers that die, stop, stand still and are cut off: every record once, in order, counted right`, async () => {
  const began = performance.now();
  const answers = await run(schedules);
  for (const { wrong } of answers) {
    if (wrong === undefined) continue;
    const { faults, trace } = wrong;
    const lines = [`DOWNLINK_TEST_SEED=${wrong.seed}: ${faults[0]}`, ...trace.slice(0, 1), '…', ...trace.slice(-60)];
    throw new Error(lines.join('\n'));
  }
  process.stderr.write(`${schedules} schedules in ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
  // The same seed is the same schedule.
  expect(answers.map(({ same }) => same)).toEqual([true, true]);
}, 600_000);

const plants = Object.keys(allPlants);
test.each(plants)(
  'it finds %s',
  async (plant) => {
    const found = (await run(schedulesPerPlant, plant)).flatMap(({ wrong }) => wrong ?? []);
    for (const { seed: one, faults } of found)
      process.stderr.write(`${plant}: in schedule ${one - seed + 1}; ${faults[0]}\n`);
    expect(found).not.toEqual([]);
  },
  300_000,
);
