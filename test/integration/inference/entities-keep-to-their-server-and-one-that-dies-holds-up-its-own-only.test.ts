import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelMetadata, Records } from '../../../src/contract/index.ts';
import { openInference, type OpenInference } from '../../../src/inference/inference.ts';
import { startServer, type ServerProcess } from '../../contract/inference/server-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { openInferReplay, telemetry, type InferReplay } from '../../support/infer-replay.ts';
import { scoreHashes } from '../../support/score-hash.ts';

const repository = join(import.meta.dirname, '..', '..', '..', 'model_repository');
const model = 'smap_fleet';
const metadata = JSON.parse(readFileSync(join(repository, model, 'metadata.json'), 'utf8')) as ModelMetadata;
const start = (port: number): Promise<ServerProcess> =>
  startServer(repository, ['--grpc-port', `${port}`, '--model-control-mode', 'explicit', '--load-model', model]);
const open = (...ports: readonly number[]): OpenInference =>
  openInference({ addresses: ports.map((port) => `127.0.0.1:${port}`), metadata: new Map([[model, metadata]]) });

/** Those that are answered now. */
async function served(inference: OpenInference, entities: readonly string[]): Promise<ReadonlySet<string>> {
  const lane = inference.open(`probe.${performance.now()}`, 2_000);
  const pieces = [new Float32Array(25)];
  const runs = entities.map((entity, place) =>
    lane.run({ entity, model, place, from: new Float32Array(64), pieces }, new AbortController().signal).then(
      () => [entity],
      () => [],
    ),
  );
  const found = new Set((await Promise.all(runs)).flat());
  await lane.close();
  return found;
}

test('each entity keeps to its server, one that dies holds up its own only, and all scores are those of one server', async () => {
  const ports = await freePorts(2);
  const servers = await Promise.all(ports.map(start));
  const both = open(...ports);
  const alone = open(ports[0] ?? 0);
  try {
    const [golden, on] = [await openInferReplay(alone), await openInferReplay(both)];
    const all = [...telemetry(on.entities, { seed: 5, samples: 30, cut: () => 5 })];
    await score(golden, all);
    const third = all.length / 3;
    await score(on, all.slice(0, third));

    const meanwhile = all.slice(third, 2 * third);
    const owned: ReadonlySet<string>[] = [];
    for (const [at, port] of ports.entries()) {
      await servers[at]?.stop();
      const others = await served(both, on.entities);
      owned.push(others);
      await score(
        on,
        meanwhile.filter((record) => others.has(keyOf(record))),
      );
      servers[at] = await start(port);
      await eventually('it is found again', async () => (await served(both, on.entities)).size === on.entities.length);
    }
    const [ofSecond = new Set<string>(), ofFirst = new Set<string>()] = owned;
    expect(Math.min(ofFirst.size, ofSecond.size)).toBeGreaterThan(10);
    expect([...ofFirst, ...ofSecond].sort()).toEqual([...on.entities].sort());

    await score(on, all.slice(2 * third));
    const found = await on.scores();
    expect(found.reduce((sum, { indices }) => sum + indices.length, 0)).toBe(on.entities.length * 30);
    expect(scoreHashes(found)).toEqual(scoreHashes(await golden.scores()));
    expect(on.letters()).toBe(0);
  } finally {
    both.close();
    alone.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}, 60_000);

/** Fails where one of them is not answered. */
async function score(on: InferReplay, records: readonly Records['samples'][]): Promise<void> {
  for (const record of records) {
    await on.put(record);
    await on.driver.settle();
  }
}

const keyOf = ({ satellite_id, entity }: Records['samples']): string => `${satellite_id}/${entity}`;
