import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelMetadata } from '../../src/contract/index.ts';
import { openInference } from '../../src/inference/inference.ts';
import { startServer, type ServerProcess } from '../contract/inference/server-process.ts';
import { freePorts } from '../support/free-port.ts';
import { openInferReplay, telemetry } from '../support/infer-replay.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { scoreHashes } from '../support/score-hash.ts';

const repository = join(import.meta.dirname, '..', '..', 'model_repository');
const fleet = JSON.parse(readFileSync(join(repository, 'smap_fleet', 'metadata.json'), 'utf8')) as ModelMetadata;
const samples = 1_020;
const kills = 20;

const start = async (port: number): Promise<ServerProcess> =>
  startServer(repository, ['--grpc-port', `${port}`, '--model-control-mode', 'explicit', '--load-model', 'smap_fleet']);

test(`${54 * samples} samples while the inference server is killed ${kills} times: every score is that of the undisturbed run`, async () => {
  const seed = seedOfRun();
  const [port = 0] = await freePorts(1);
  let server = await start(port);
  const replay = async (killed: boolean): Promise<ReadonlyMap<string, string>> => {
    const inference = openInference({ addresses: [`127.0.0.1:${port}`], metadata: new Map([['smap_fleet', fleet]]) });
    const on = await openInferReplay(inference);
    const { driver, entities } = on;
    const random = seeded(seed + 1);
    const cut = (cuts: () => number) => (killed ? 1 + Math.floor(cuts() * 40) : 64);
    const records = [...telemetry(entities, { seed, samples, cut })];
    const deaths = new Set(Array.from({ length: killed ? kills : 0 }, () => Math.floor(random() * records.length)));
    for (const [at, record] of records.entries()) {
      const comes = deaths.has(at)
        ? delay(random() * 3)
            .then(() => server.stop())
            .then(() => start(port))
            .then((next) => {
              server = next;
            })
        : undefined;
      await on.put(record).catch(() => undefined);
      await comes;
      // As the runner does: a lane whose turn failed is opened anew from what is committed, until it goes well.
      for (let failures = 0; failures < 50; failures++) {
        try {
          await driver.settle();
          break;
        } catch (thrown) {
          expect(String(thrown)).toContain('inference-unavailable');
          await delay(50);
          await driver.reopen().catch(() => undefined);
        }
      }
    }
    expect(on.letters()).toBe(0);
    for (const count of (await on.sequences()).values()) expect(count).toBeLessThanOrEqual(1 + deaths.size);
    const found = await on.scores();
    expect(found.reduce((sum, { indices }) => sum + indices.length, 0)).toBe(54 * samples);
    inference.close();
    return scoreHashes(found);
  };
  try {
    const golden = await replay(false);
    expect(await replay(true)).toEqual(golden);
  } finally {
    await server.stop();
  }
}, 400_000);
