import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelMetadata } from '../../../src/contract/index.ts';
import { openInference } from '../../../src/inference/inference.ts';
import { startServer } from '../../contract/inference/server-process.ts';

const repository = join(import.meta.dirname, '..', '..', '..', 'model_repository');
const model = 'smap_fleet';
const metadata = JSON.parse(readFileSync(join(repository, model, 'metadata.json'), 'utf8')) as ModelMetadata;
const entities = Object.entries(metadata.entities);

// The server has 20 slots for each entity: what is left open by 25 owners would not fit.
test('25 owners of 54 entities after each other, each dead without a word: no START waits for a slot', async () => {
  const args = ['--model-control-mode', 'explicit', '--load-model', model];
  const server = await startServer(repository, args);
  const never = new AbortController().signal;
  const pieces = [new Float32Array(8 * 25)];
  const initial: Float32Array = new Float32Array(64);
  let held = entities.map(([name, { index }]) => ({
    name,
    index,
    state: initial,
    left: '',
  }));
  let slowestMs = 0;
  try {
    for (let owner = 0; owner < 25; owner++) {
      const inference = openInference({ addresses: [server.grpc], metadata: new Map([[model, metadata]]) });
      const lane = inference.open(`owner.${owner}`, 2_000);
      held = await Promise.all(
        held.map(async ({ name, index, state, left }) => {
          const began = performance.now();
          const run = {
            entity: `S/${name}`,
            model,
            place: index,
            from: state,
            pieces,
            ...(left === '' ? {} : { left }),
          };
          const answer = await lane.run(run, never);
          slowestMs = Math.max(slowestMs, performance.now() - began);
          return { name, index, state: answer.pieces[0]?.state ?? state, left: answer.sequence };
        }),
      );
      // It dies: nothing of its own is ended by it.
      inference.close();
    }
    expect(slowestMs).toBeLessThan(2_000);
  } finally {
    await server.stop();
  }
}, 60_000);
