import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelMetadata, Records } from '../../src/contract/index.ts';
import { openInference } from '../../src/inference/inference.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { choose, type Telemetry } from '../../src/replay/choose.ts';
import { startServer } from '../contract/inference/server-process.ts';
import { openInferReplay } from './infer-replay.ts';
import type { Fault } from '../../src/replay/faults.ts';

const root = join(import.meta.dirname, '..', '..');
const repository = join(root, 'model_repository');
const fleet = JSON.parse(readFileSync(join(repository, 'smap_fleet', 'metadata.json'), 'utf8')) as ModelMetadata;

export const shapes = join(root, 'topologies', 'smap.shapes.json');

export interface Golden {
  readonly start: number;
  readonly intervalMs: number;
  readonly rows: number;
  readonly telemetry: Telemetry;
  readonly faults?: readonly Fault[];
}

/** What the nine entities of `smap.yaml` are scored when nothing dies: no broker, no other stage, records of 64. */
export async function goldenScores(golden: Golden): Promise<readonly Records['scores'][]> {
  const { start, intervalMs, rows, telemetry, faults = [] } = golden;
  const { topology } = loadTopology(join(root, 'topologies', 'smap.yaml'));
  if (topology === undefined) throw new Error('smap.yaml has mistakes');
  const { chosen } = await choose({ topology, telemetry, names: [], faults });
  const server = await startServer(repository, ['--model-control-mode', 'explicit', '--load-model', 'smap_fleet']);
  const inference = openInference({ addresses: [server.grpc], metadata: new Map([['smap_fleet', fleet]]) });
  try {
    const replay = await openInferReplay(inference);
    for (const { entity, source } of chosen) {
      const count = Math.min(rows, source.rows);
      for (let from = 0; from < count; from += 64) {
        const { values } = await source.read(from, Math.min(64, count - from));
        const indices = Array.from({ length: values.length / source.columns }, (_, at) => from + at);
        const timestamps = indices.map((index) => start + index * intervalMs);
        await replay.put({ satellite_id: entity.satellite, entity: entity.name, indices, timestamps, values });
      }
      await source.close();
    }
    await replay.driver.settle();
    return await replay.scores();
  } finally {
    inference.close();
    await server.stop();
  }
}
