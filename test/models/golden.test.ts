/** @jest-environment ./test/models/onnx-environment.mjs */
import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { byReference, checkGolden, checkModel, tolerance } from '../../src/models/check.ts';
import { readGolden } from '../../src/models/golden.ts';
import { networksOf, readModel } from '../../src/models/repository.ts';
import { data, repository } from './repository.ts';

const fleet = readModel(repository, 'smap_fleet');
const networks = networksOf(fleet);

describe.each(['A-1', 'D-2', 'P-1', 'T-1'])('the first samples of %s', (entity) => {
  const golden = readGolden(join(data, entity, 'golden.json'));

  it('are scored by the reference as by PyTorch', () => {
    const network = networks.get(entity);
    if (network === undefined) throw new Error(`no ${entity} in the fleet`);
    const answer = byReference(network, Float32Array.from(golden.normalised));
    for (const part of ['reconstruction', 'score', 'state'] as const) {
      expect(answer[part].length).toBe(golden[part].length);
      const differences = Array.from(answer[part]).map((value, index) =>
        Math.abs(value - (golden[part][index] ?? NaN)),
      );
      expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each([`smap_${entity}`, 'smap_fleet'])('are scored by %s as by PyTorch', async (name) => {
    expect(await checkGolden(readModel(repository, name), golden)).toMatchObject({ samples: 256, agrees: true });
  });
});

describe('every model of the repository', () => {
  it('computes what float64 does, for every entity of the fleet', async () => {
    const agreements = await checkModel(fleet);
    expect(agreements).toHaveLength(54);
    expect(agreements.filter(({ agrees }) => !agrees)).toEqual([]);
  });

  it('has the same weights alone and in the fleet', () => {
    for (const [entity, { hash }] of networks) {
      const alone = readModel(repository, `smap_${entity}`);
      expect(networksOf(alone).get(entity)?.hash).toBe(hash);
      expect(alone.metadata.entities[entity]).toEqual({ ...fleet.metadata.entities[entity], index: 0 });
    }
  });
});
