import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPool } from '../../src/embedded/inference-server/execution/pool.ts';
import { openRepository } from '../../src/embedded/inference-server/repository/repository.ts';
import { Refusal } from '../../src/kserve/status.ts';
import { writeModel } from '../contract/inference/repositories.ts';
import { accumulator, loaders, rowsSeen, serve, step } from './served.ts';

test('a model that is still to be loaded is not ready; only one that will not be loaded is unknown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-models-'));
  writeModel(folder, 'acc', accumulator());
  const pool = openPool({ workers: 1, maxSessionBytes: 1e9, execArgv: loaders });
  const repository = openRepository({ folder, pool, warn: () => undefined });
  repository.expect(['acc', 'gone']);
  const says = (name: string): unknown => {
    try {
      return repository.find(name, '').config.name;
    } catch (thrown) {
      return thrown instanceof Refusal ? `${thrown.status} ${thrown.message}` : thrown;
    }
  };
  expect(says('acc')).toBe("UNAVAILABLE Request for unknown model: 'acc' is not at ready state");
  expect(says('other')).toBe("NOT_FOUND Request for unknown model: 'other' is not found");
  await repository.load('acc');
  expect(says('acc')).toBe('acc');
  expect(says('gone')).toBe("UNAVAILABLE Request for unknown model: 'gone' is not at ready state");
  await expect(repository.load('gone')).rejects.toThrow('failed to poll');
  expect(says('gone')).toBe("NOT_FOUND Request for unknown model: 'gone' is not found");
  for (const served of repository.served) served.close();
  await pool.end();
  rmSync(folder, { recursive: true });
});

test('what the configuration asks for and the server does not do is refused by name', async () => {
  const refused = accumulator((config) => `${config}\nresponse_cache { enable: true }`);
  const served = await serve({ acc: refused }, { exitOnError: false });
  const { models } = await served.channel.call('RepositoryIndex', {}, 5000);
  expect(models).toEqual([
    expect.objectContaining({
      state: 'UNAVAILABLE',
      reason: 'Unsupported: response_cache.enable of the model configuration is not supported by this server',
    }),
  ]);
  await served.end();
});

test('what only tunes is loaded with a warning that names it', async () => {
  const served = await serve({ acc: accumulator((config) => `${config}\noptimization { eager_batching: true }`) });
  expect(served.warnings).toEqual(['model acc: optimization.eager_batching is not heeded by this server']);
  await served.end();
});

test('a mistake in a configuration is told with its place', async () => {
  const served = await serve({ acc: accumulator((config) => `${config}\nbackendd: "x"`) }, { exitOnError: false });
  expect(served.warnings[0]).toMatch(
    /^model acc: .*\/acc\/config\.pbtxt:\d+:1: ModelConfig has no field called backendd$/,
  );
  await served.end();
});

test('more models than may be held loaded: each is loaded again when it is asked', async () => {
  const named = (name: string) => accumulator((config) => config.replace('"acc"', `"${name}"`));
  const served = await serve({ a: named('a'), b: named('b'), c: named('c') }, { maxSessionBytes: 1000 });
  for (let round = 1; round <= 3; round++) {
    for (const model of ['a', 'b', 'c'])
      expect(await rowsSeen(served, step('s', { model, start: round === 1 }))).toBe(round);
  }
  await served.end();
});

test('several workers share the work, and sequences stay whole', async () => {
  const several = accumulator((config) => config.replace('count: 1', 'count: 3'));
  const served = await serve({ acc: several }, { workers: 2 });
  const all = Array.from({ length: 40 }, (_, index) => `s${index}`);
  for (let round = 1; round <= 5; round++) {
    const seen = await Promise.all(
      all.map((sequence) => rowsSeen(served, step(sequence, { start: round === 1, end: round === 5 }))),
    );
    expect(seen).toEqual(all.map(() => round));
  }
  await served.end();
});

test('a model without states and inputs in its configuration takes them from its file', async () => {
  const { onnx } = accumulator();
  const served = await serve({ acc: { config: 'backend: "onnxruntime"', onnx } });
  const { inputs, outputs } = await served.channel.call('ModelMetadata', { name: 'acc' }, 5000);
  expect((inputs as { name: string }[]).map(({ name }) => name)).toEqual(['x', 'h_init', 'START', 'h', 'n']);
  expect((outputs as { name: string }[]).map(({ name }) => name)).toContain('h_next');
  await served.end();
});
