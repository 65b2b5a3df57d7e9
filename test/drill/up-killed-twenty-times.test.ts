import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acknowledgedIn, faultsIn, scoredIndices } from '../support/demo-scores.ts';
import { eventually } from '../support/eventually.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { build, startUp } from '../support/up.ts';

const times = 20;
const longestMs = 15_000;

test(`up is killed with all that it runs at ${times} random moments: each acknowledged sample has one score`, async () => {
  build();
  const folder = mkdtempSync(join(tmpdir(), 'downlink-up-'));
  const random = seeded(seedOfRun());
  let scoredBefore = 0;
  for (let round = 0; round < times; round++) {
    const up = startUp(folder);
    // From its first moments on to well after its first scores.
    await delay(random() * longestMs);
    await up.killAll();
    const firsts = up.lines.filter((line) => line.startsWith('the first score')).length;
    scoredBefore += firsts;
    process.stderr.write(`round ${round + 1}: ${up.lines.length} lines, ${firsts} first score\n`);
  }
  const up = startUp(folder);
  try {
    await up.said(/the first score after/);
    const acknowledged = acknowledgedIn(folder);
    await eventually(
      'all are scored',
      async () => faultsIn(await scoredIndices(up), acknowledged).length === 0,
      60_000,
    );
    const scored = await scoredIndices(up);
    expect(faultsIn(scored, acknowledged)).toEqual([]);
    const count = [...scored.values()].reduce((sum, { length }) => sum + length, 0);
    process.stderr.write(`${count} samples, each scored once; ${scoredBefore} of ${times} rounds lived to a score\n`);
    // A run in which nothing was under way when it was killed would prove nothing.
    expect(scoredBefore).toBeGreaterThan(times / 4);
  } finally {
    await up.stop();
    rmSync(folder, { recursive: true });
  }
}, 900_000);
