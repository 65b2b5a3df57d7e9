/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { checkModel } from '../../src/models/check.ts';
import { readNetwork } from '../../src/models/network.ts';
import { modelFiles, readModel, writeModel } from '../../src/models/repository.ts';
import type { Trained } from '../../src/models/trained.ts';
import { smallNetwork } from './small-network.ts';
import { checkpoint } from './write-checkpoint.ts';

type Sizes = Parameters<typeof smallNetwork>[0];

const trainedOf = (sizes: Sizes, seed: number): Trained => ({
  entity: `E-${seed}`,
  network: readNetwork(readCheckpoint(checkpoint(smallNetwork(sizes, seed)))),
  normalisation: Array.from({ length: sizes.sensors }, () => null),
  threshold: 1,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a network of any sizes', () => {
  it.each<Sizes>([
    { sensors: 1, hidden: 1, latent: 1 },
    { sensors: 3, hidden: 2, latent: 1, layers: 1 },
    { sensors: 7, hidden: 5, latent: 3, layers: 3 },
    { sensors: 55, hidden: 40, latent: 6, width: 17 },
    { sensors: 4, hidden: 3, latent: 2, slope: 1.5 },
  ])('computes what float64 does, alone and in a fleet: %j', async (sizes) => {
    const trained = [1, 2, 3].map((seed) => trainedOf(sizes, seed));
    writeModel(folder, 'alone', modelFiles('alone', 'single', trained.slice(0, 1)));
    writeModel(folder, 'fleet', modelFiles('fleet', 'fleet', trained));
    const agreements = [
      ...(await checkModel(readModel(folder, 'alone'))),
      ...(await checkModel(readModel(folder, 'fleet'))),
    ];
    expect(agreements.map(({ entity, agrees }) => [entity, agrees])).toEqual([
      ['E-1', true],
      ['E-1', true],
      ['E-2', true],
      ['E-3', true],
    ]);
  });

  it('shares a graph only with networks of the same sizes', () => {
    const small = trainedOf({ sensors: 3, hidden: 2, latent: 1 }, 1);
    const large = trainedOf({ sensors: 3, hidden: 4, latent: 1 }, 2);
    expect(() => modelFiles('fleet', 'fleet', [small, large])).toThrow(
      'model fleet: E-2 cannot share a graph with E-1: 3 sensors, 2 x 4 hidden, 1 latent',
    );
  });

  it('is not taken for what metadata.json names when the file holds other weights', async () => {
    const [one, other] = [1, 2].map((seed) => trainedOf({ sensors: 3, hidden: 2, latent: 1 }, seed));
    if (one === undefined || other === undefined) throw new Error('two were made');
    writeModel(folder, 'm', modelFiles('m', 'single', [one]));
    const swapped = modelFiles('m', 'single', [{ ...other, entity: one.entity }]);
    writeModel(folder, 'm', new Map([...swapped].filter(([path]) => path.endsWith('model.onnx'))));
    await expect(checkModel(readModel(folder, 'm'))).rejects.toThrow('the weights of E-1 in model.onnx are not those');
  });
});
