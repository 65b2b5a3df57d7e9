import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scoreHashes } from '../../support/score-hash.ts';
import { goldenScores, shapes } from '../../support/smap-golden.ts';

const file = join(import.meta.dirname, '..', '..', 'golden', 'smap-seed-1.json');

interface GoldenFile {
  readonly rows: number;
  readonly start: string;
  /** By the kernels that ONNX Runtime takes: other ones sum in another order. */
  readonly hashes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
const golden = JSON.parse(readFileSync(file, 'utf8')) as GoldenFile;
const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
const kernels = `${process.arch} ${['avx512f', 'avx2'].find((flag) => flags.includes(` ${flag} `)) ?? 'other'}`;
const known = golden.hashes[kernels];

(known === undefined ? test.skip : test)(
  `on ${kernels}: \`--generate smap --seed 1\` has the committed hashes`,
  async () => {
    const { rows, start } = golden;
    const telemetry = { generate: 'smap', seed: 1, rows, shapes };
    const scores = await goldenScores({ start: Date.parse(start), intervalMs: 30_000, rows, telemetry });
    expect(Object.fromEntries(scoreHashes(scores))).toEqual(known);
  },
  60_000,
);
if (known === undefined)
  process.stderr.write(
    `skipped: ${file} has no hashes for ${kernels}, only for ${Object.keys(golden.hashes).join(', ')}\n`,
  );
