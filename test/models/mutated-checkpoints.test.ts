import { describe, expect, it } from '@jest/globals';
import { classify } from '../../src/errors.ts';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { readNetwork } from '../../src/models/network.ts';
import { mutated } from '../fuzz/mutate.ts';
import { seeded } from '../support/random.ts';
import { smallNetwork } from './small-network.ts';
import { checkpoint, legacyCheckpoint, rootOf, storagesOf, zipCheckpoint } from './write-checkpoint.ts';

const tensors = smallNetwork({ sensors: 3, hidden: 2, latent: 1 });
const root = rootOf(tensors);
const storages = storagesOf(tensors);

/** Of 2,000 files. In the second kind the checksums are right, so that what is damaged gets as far as the pickle. */
const kinds: readonly (readonly [name: string, files: number, damaged: (random: () => number) => Buffer])[] = [
  ['the file', 500, (random) => mutated(checkpoint(tensors), random)],
  ['the pickle', 1000, (random) => zipCheckpoint(mutated(root, random), storages)],
  ['the older layout', 500, (random) => mutated(legacyCheckpoint(tensors), random)],
];

describe('a damaged checkpoint', () => {
  it.each(kinds)('is read or refused in words when %s is changed at random', (_, files, damaged) => {
    const random = seeded(54);
    let refused = 0;
    let slowest = 0;
    for (let file = 0; file < files; file++) {
      const bytes = damaged(random);
      const began = performance.now();
      try {
        readNetwork(readCheckpoint(bytes));
      } catch (thrown) {
        const { code, detail } = classify(thrown);
        expect(`${code} ${detail}`).not.toContain('unclassified');
        refused++;
      }
      slowest = Math.max(slowest, performance.now() - began);
    }
    expect(refused).toBeGreaterThan(files / 10);
    expect(slowest).toBeLessThan(1000);
  });
});
