import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { blockIn } from '../../readme/readme.ts';
import { beginVerb } from '../../support/begin-verb.ts';
import { eventually } from '../../support/eventually.ts';
import { addressesOf, startUp, type Up } from '../../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-readme-'));
let up: Up | undefined;
afterAll(async () => {
  await up?.stop();
  rmSync(folder, { recursive: true });
}, 30_000);

/** The words of the line of the block that runs this verb. */
function wordsOf(verb: string): readonly string[] {
  const line = blockIn('sh', 'replay').match(new RegExp(`^npx downlink ${verb} [^#\n]*`, 'm'))?.[0] ?? '';
  return line.trim().split(/\s+/).slice(2);
}

test('what is replayed into a pipeline without made-up telemetry is scored, and the fault in it detected', async () => {
  const [, noDemo = '', ...more] = wordsOf('up');
  expect([noDemo, ...more]).toEqual([
    '--no-demo',
    '--folder',
    'mine',
    '--kafka-port',
    '9092',
    '--registry-port',
    '8081',
  ]);
  // On ports that are free, which it tells.
  up = startUp(folder, noDemo);
  const { kafka, registry } = await addressesOf(up);
  await up.said(/^stages: /);
  const env = { DOWNLINK_KAFKA: kafka, DOWNLINK_REGISTRY: registry };
  const tail = beginVerb(wordsOf('tail'), env, false);
  await eventually('it follows', () => tail.err().some((line) => line.startsWith('following ')));
  const replay = beginVerb([...wordsOf('replay'), '--progress', join(folder, 'progress.json')], env, false);
  try {
    const first = await eventually('something is found', () => tail.out()[0], 40_000);
    expect(first).toMatch(/^\S+Z {2}SAT-001\/A-1 +100 .* > /);
    expect(up.lines.filter((line) => line.includes('rejected'))).toEqual([]);
  } finally {
    for (const verb of [replay, tail]) {
      verb.stop();
      await verb.ended;
    }
  }
}, 90_000);
