import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importModels } from '../../src/models/import-models.ts';
import { modelFiles, readModel, writeModel } from '../../src/models/repository.ts';
import { readTrained } from '../../src/models/trained.ts';
import { data, repository } from './repository.ts';
import { smallNetwork } from './small-network.ts';
import { checkpoint } from './write-checkpoint.ts';

const checkpointOf = (entity: string): string => join(data, entity, 'model.ckpt');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('an import', () => {
  it.each(['A-1', 'P-1'])('of %s writes what is in the repository, byte for byte', (entity) => {
    writeModel(folder, `smap_${entity}`, modelFiles(`smap_${entity}`, 'single', [readTrained(checkpointOf(entity))]));
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name).sort()).toEqual(['config.pbtxt', 'metadata.json', 'model.onnx']);
    for (const { parentPath, name } of files) {
      const written = join(parentPath, name);
      expect(readFileSync(written).equals(readFileSync(written.replace(folder, repository)))).toBe(true);
    }
  });

  it('of several makes a model of each, and a fleet in the order of their names whatever theirs is', () => {
    const [one, other] = [readTrained(checkpointOf('A-1')), readTrained(checkpointOf('P-1'))];
    const models = importModels([other, one], { prefix: 'x_', fleet: 'all' });
    expect([...models.keys()]).toEqual(['x_P-1', 'x_A-1', 'all']);
    expect(models).toEqual(new Map([...importModels([one, other], { prefix: 'x_', fleet: 'all' })]));
    writeModel(folder, 'all', models.get('all') ?? new Map());
    const { entities } = readModel(folder, 'all').metadata;
    expect(Object.entries(entities).map(([entity, { index }]) => [entity, index])).toEqual([
      ['A-1', 0],
      ['P-1', 1],
    ]);
    expect(entities['P-1']?.weights).toBe(readModel(repository, 'smap_P-1').metadata.entities['P-1']?.weights);
  });

  it('takes a quarter above the worst of training as threshold, where nobody says better', () => {
    expect(readTrained(checkpointOf('A-1')).threshold).toBe(0.226_495_787_501_335_14 * 1.25);
    expect(readTrained(checkpointOf('A-1'), { threshold: 0.16, entity: 'B' })).toMatchObject({
      threshold: 0.16,
      entity: 'B',
    });
  });

  it('takes the normalisation of each sensor from meta.json', () => {
    const { normalisation } = readTrained(checkpointOf('A-1'));
    expect(normalisation).toHaveLength(25);
    expect(normalisation[0]).toEqual({ min: 0.999, range: 0.02, clip: [-1, 2] });
    expect(normalisation.slice(1).every((scale) => scale === null)).toBe(true);
  });

  it.each<[string, (meta: Record<string, unknown>) => unknown, string]>([
    ['is no object', () => [], 'the file: expected an object'],
    ['says nothing of the score', ({ normalisation }) => ({ normalisation }), 'train_score: expected an object'],
    [
      'scales a sensor that is not there',
      (meta) => ({ ...meta, normalisation: { sensor_25: {} } }),
      'normalisation.sensor_25: no such sensor',
    ],
    [
      'scales by nothing',
      (meta) => ({ ...meta, normalisation: { sensor_0: { min: 0, range: 0, clip: [0, 1] } } }),
      'normalisation.sensor_0: a range or clip that is empty',
    ],
    [
      'clips at a text',
      (meta) => ({ ...meta, normalisation: { sensor_0: { min: 0, range: 1, clip: 'no' } } }),
      'normalisation.sensor_0.clip: expected a number',
    ],
  ])('is refused when meta.json %s', (_, change, message) => {
    cpSync(join(data, 'A-1'), folder, { recursive: true });
    const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(folder, 'meta.json'), JSON.stringify(change(meta)));
    expect(() => readTrained(join(folder, 'model.ckpt'))).toThrow(`${join(folder, 'meta.json')}: ${message}`);
  });

  it('is refused when there is no checkpoint, or no meta.json beside it', () => {
    const file = join(folder, 'model.ckpt');
    expect(() => readTrained(file)).toThrow(`model-unusable: ${file}: ENOENT`);
    writeFileSync(file, checkpoint(smallNetwork({ sensors: 2, hidden: 2, latent: 1 })));
    expect(() => readTrained(file)).toThrow(`model-unusable: ${join(folder, 'meta.json')}: ENOENT`);
  });

  it('is refused when names collide or would leave the repository', () => {
    const trained = readTrained(checkpointOf('A-1'));
    expect(() => importModels([trained, trained], { prefix: '' })).toThrow('two checkpoints of the entity A-1');
    expect(() => importModels([trained], { prefix: '', fleet: 'A-1' })).toThrow(
      "A-1 is the name of an entity's model too",
    );
    expect(() => importModels([trained], { prefix: '../' })).toThrow('"../A-1" cannot be a name');
    expect(() => importModels([{ ...trained, entity: 'a/b' }], { prefix: '' })).toThrow('"a/b" cannot be a name');
  });
});
