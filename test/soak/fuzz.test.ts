import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { fuzzRecords, illegal } from '../fuzz/fuzz-records.ts';
import { fuzzTopology } from '../fuzz/fuzz-topology.ts';
import { seedOfRun } from '../support/random.ts';

const minutes = Number(process.env['DOWNLINK_TEST_MINUTES'] ?? 10);

test(
  `mutated records and topology files for ${minutes} minutes, and memory stays where it is`,
  async () => {
    const end = Date.now() + minutes * 60_000;
    const first = seedOfRun();
    const used: number[] = [];
    for (let seed = first; Date.now() < end; seed++) {
      expect([seed, illegal(await fuzzRecords(seed, 20_000))]).toEqual([seed, []]);
      expect([seed, (await fuzzTopology(seed, 2_000)).wrong.slice(0, 3)]).toEqual([seed, []]);
      // Timers run only between turns: what the reader forgets after a while is forgotten then.
      await delay(10);
      used.push(process.memoryUsage().rss / 2 ** 20);
    }
    const [warm = NaN, last = NaN] = [used[Math.floor(used.length / 4)], used.at(-1)];
    process.stderr.write(`${used.length} rounds, ${Math.round(warm)} MiB warm, ${Math.round(last)} MiB at the end\n`);
    expect(last).toBeLessThan(warm + 100);
  },
  minutes * 60_000 + 120_000,
);
