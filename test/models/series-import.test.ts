/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '../../src/models/checkpoint/tensor.ts';
import { data, repository } from './repository.ts';
import { downlink } from './run-downlink.ts';
import { handOver, metas, tensorsOf } from './series-checkpoint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (kind: string): Buffer => readFileSync(join(repository, `${kind}_timeseries`, '1', 'model.onnx'));
const imported = (path: string, kind: string, ...more: readonly string[]) =>
  downlink('model', 'import', path, '--kind', kind, '--repository', join(folder, 'out'), ...more);

describe.each(['lstm', 'transformer', 'vae'] as const)('the kind %s', (kind) => {
  const name = `${kind}_timeseries`;

  it('is written as it is in the repository, byte for byte, under the name of the folder', async () => {
    const path = handOver(folder, name, tensorsOf(fileOf(kind)), metas[kind]);
    expect(await imported(path, kind)).toEqual({
      code: 0,
      out: `${name}: written to ${join(folder, 'out')}\n`,
      err: '',
    });
    for (const file of ['config.pbtxt', 'metadata.json', join('1', 'model.onnx')]) {
      const written = readFileSync(join(folder, 'out', name, file));
      expect([file, written.equals(readFileSync(join(repository, name, file)))]).toEqual([file, true]);
    }
    expect(statSync(join(folder, 'out', name, '1', 'model.onnx')).size).toBeLessThan(1e6);
  });

  it('leaves out what only training needs', async () => {
    const tensors = tensorsOf(fileOf(kind));
    const unneeded: Tensor = { shape: [32, 128], data: new Float32Array(32 * 128).fill(1) };
    const path = handOver(folder, 'with_more', tensors.set('logvar.weight', unneeded), metas[kind]);
    await imported(path, kind, '--name', name);
    expect(readFileSync(join(folder, 'out', name, '1', 'model.onnx')).equals(fileOf(kind))).toBe(true);
  });

  it('is refused with the name of the tensor or setting that is wrong', async () => {
    const all = tensorsOf(fileOf(kind));
    // The blocks of a transformer are alike.
    for (const [name, { shape, data }] of [...all].filter(([name]) => !/^blocks\.[02]/.test(name))) {
      const without = new Map([...all].filter(([other]) => other !== name));
      const missing = await imported(handOver(folder, 'a', without, metas[kind]), kind);
      expect([name, missing.code, missing.err]).toEqual([name, 1, expect.stringMatching(/tensor [\w.]+: expected/)]);

      const holed = new Map([...all, [name, { shape, data: Float32Array.from(data).fill(NaN, 0, 1) }] as const]);
      const { code, err } = await imported(handOver(folder, 'b', holed, metas[kind]), kind);
      expect([code, err]).toEqual([1, expect.stringContaining(`tensor ${name}: holds a number that is not finite`)]);
    }
    const { config, ...rest } = metas[kind];
    for (const setting of Object.keys(config)) {
      const without = { ...rest, config: { ...config, [setting]: 'x' } };
      const { code, err } = await imported(handOver(folder, 'c', all, without), kind);
      expect([code, err]).toEqual([1, expect.stringContaining(`meta.json: config.${setting}: expected a number`)]);
    }
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});

it.each(['lstm', 'transformer'] as const)('a checkpoint of the kind %s is as deep as meta.json says', async (kind) => {
  for (const [layers, says] of [
    [1, ': meta.json says that there are 1 such layers'],
    [9, ': expected: meta.json says that there are 9 such layers'],
    [0, ': meta.json says that there are 0 such layers'],
    [1.5, ': expected: meta.json says that there are 1.5 such layers'],
  ] as const) {
    const meta = { ...metas[kind], config: { ...metas[kind].config, layers } };
    const { code, err } = await imported(handOver(folder, 'a', tensorsOf(fileOf(kind)), meta), kind);
    expect([code, err]).toEqual([1, expect.stringContaining(says)]);
  }
});

it.each([0, -4, 2.5, 7])('a transformer cannot have %s heads', async (heads) => {
  const meta = { ...metas.transformer, config: { ...metas.transformer.config, heads } };
  const { code, err } = await imported(handOver(folder, 'a', tensorsOf(fileOf('transformer')), meta), 'transformer');
  expect([code, err]).toEqual([1, expect.stringContaining(`blocks.0.q.weight: 64 cannot be divided by ${heads}`)]);
});

it('two checkpoints of one name are refused, and nothing is written', async () => {
  const path = handOver(folder, 'vae_timeseries', tensorsOf(fileOf('vae')), metas.vae);
  const { code, err } = await imported(path, 'vae', path);
  expect([code, err]).toEqual([1, expect.stringContaining('two checkpoints of the model vae_timeseries')]);
  expect(existsSync(join(folder, 'out'))).toBe(false);
});

it.each<[readonly string[], string]>([
  [['--kind', 'lstm'], 'there is nothing to import: name checkpoints, or a file with --onnx'],
  [['a.ckpt'], 'checkpoints need --kind: omnianomaly, lstm, transformer, vae'],
  [['a.ckpt', '--kind', 'lstm', '--fleet', 'f', '--prefix', 'p'], '--fleet, --prefix: of no use with --kind lstm'],
  [['a.ckpt', '--kind', 'lstm', '--tensorrt'], '--tensorrt: of no use without --onnx'],
  [['a.ckpt', '--onnx', 'b.onnx', '--name', 'n'], 'either checkpoints are imported, or the file that --onnx names'],
  [['--onnx', 'b.onnx'], '--onnx needs --name: what the model is to be called'],
  [['--onnx', 'b.onnx', '--name', 'n', '--kind', 'vae'], '--kind: of no use with --onnx'],
])('the command line %j is answered with what is wrong', async (line, says) => {
  const { code, err } = await downlink('model', 'import', ...line);
  expect([code, err]).toEqual([2, `${says}\n`]);
});

it('the checkpoint of another kind is refused', async () => {
  const { code, err } = await imported(join(data, 'A-1', 'model.ckpt'), 'lstm');
  expect([code, err]).toEqual([1, expect.stringContaining('tensor skip.weight: expected a matrix')]);
});
