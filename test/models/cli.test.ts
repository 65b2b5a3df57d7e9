/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, repository } from './repository.ts';
import { downlink } from './run-downlink.ts';

const checkpointOf = (entity: string): string => join(data, entity, 'model.ckpt');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('downlink model', () => {
  it('imports checkpoints, lists the models, and shows one', async () => {
    const kind = ['--kind', 'omnianomaly', '--prefix', 'x_', '--fleet', 'x_all', '--repository', folder];
    const imported = await downlink('model', 'import', checkpointOf('A-1'), checkpointOf('P-1'), ...kind);
    expect(imported).toEqual({ code: 0, out: `2 entities: 3 models written to ${folder}\n`, err: '' });

    const { out: list } = await downlink('model', 'ls', '--repository', folder);
    expect(list.replaceAll(/\d+ kB/g, '# kB').split('\n')).toEqual([
      'model  kind         form    scores      sensors  size',
      'x_A-1  omnianomaly  single  A-1         25       # kB',
      'x_P-1  omnianomaly  single  P-1         25       # kB',
      'x_all  omnianomaly  fleet   2 entities  25       # kB',
      '',
      `3 models in ${folder}`,
      '',
    ]);

    const { out: shown } = await downlink('model', 'show', 'x_all', '--repository', folder);
    expect(shown).toContain('A-1     0      0.2831     4c491a2c113d  0: (x - 0.999) / 0.02, within -1 to 2\n');
  });

  it('checks models, against float64 and against golden files', async () => {
    const golden = ['--golden', join(data, 'A-1/golden.json'), join(data, 'P-1/golden.json')];
    const { code, out, err } = await downlink('model', 'check', 'smap_A-1', '--repository', repository, ...golden);
    const rows = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.slice(0, 3).map((row) => [row[0], row[1], row.at(-1)])).toEqual([
      ['model', 'against', 'agrees'],
      ['smap_A-1', 'float64', 'yes'],
      ['smap_A-1', 'golden A-1', 'yes'],
    ]);
    expect({ code, err }).toEqual({ code: 1, err: 'golden P-1: no model that was checked has this entity\n' });
  });

  it('says what is wrong with a command line', async () => {
    const unknown = await downlink('model', 'import', checkpointOf('A-1'), '--kind', 'gru');
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('There is omnianomaly, lstm')]);
    const named = ['--kind', 'omnianomaly', '--name', 'X'];
    const several = await downlink('model', 'import', checkpointOf('A-1'), checkpointOf('P-1'), ...named);
    expect([several.code, several.err]).toEqual([2, expect.stringContaining('--name is for one checkpoint')]);
    const zero = await downlink('model', 'import', checkpointOf('A-1'), '--kind', 'omnianomaly', '--threshold', '0');
    expect([zero.code, zero.err]).toEqual([2, expect.stringContaining('a number above 0')]);
    const missing = await downlink('model', 'show', 'smap_Z-9', '--repository', repository);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('no model called smap_Z-9')]);
  });
});
