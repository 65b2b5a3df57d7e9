import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOfEntity } from '../config/entities-named.ts';
import type { Topology } from '../config/topology.ts';
import type { Series } from '../evaluation/series.ts';
import { labelRuns } from '../pipeline/judged/label-runs.ts';
import { placesOf, rowsOf } from '../pipeline/quiet-rows.ts';
import { detectIn } from '../pipeline/train-detector.ts';
import { watchRows } from '../pipeline/watched-rows.ts';
import { choose, type Chosen } from '../replay/choose.ts';
import { labeledAnomalies, type Span } from '../replay/labels.ts';
import { settingsFor } from '../stages/detect/settings.ts';

/** What the rules of detect say of the rows of a data set, the training rows learned first. */
export async function seriesOfData(
  topology: Topology,
  data: string,
  names: readonly string[],
): Promise<readonly Series[]> {
  const { settings } = detectIn(topology);
  const { chosen } = await choose({ topology, telemetry: { data, split: 'test' }, names, faults: [] });
  const train = await choose({ topology, telemetry: { data, split: 'train' }, names, faults: [] });
  const spans = spansIn(data);
  const all: Series[] = [];
  for (const { entity, source } of chosen) {
    const key = keyOfEntity(entity);
    const places = placesOf(topology, entity);
    const { values, labels } = await source.read(0, source.rows);
    const quiet = await valuesOf(train.chosen.find((one) => one.entity === entity));
    const columns = (of: Float32Array) => places.map((place) => rowsOf(of, source.columns, place));
    const column = (of: Float32Array) =>
      Float32Array.from(
        { length: of.length / source.columns },
        (_, row) => of[row * source.columns + (places[0] ?? 0)] ?? NaN,
      );
    all.push({
      entity: key,
      rows: source.rows,
      labels: spans.get(entity.name) ?? labelRuns((labels ?? []).entries()),
      telemetry: column(values),
      training: column(quiet),
      ...watchRows(settingsFor(settings, key), columns(quiet), columns(values)),
    });
    await source.close();
  }
  return all;
}

async function valuesOf(chosen: Chosen | undefined): Promise<Float32Array> {
  if (chosen === undefined) return new Float32Array(0);
  const { values } = await chosen.source.read(0, chosen.source.rows);
  await chosen.source.close();
  return values;
}

/** telemanom's own list, in which events may lie over each other; rows alone would make one of them. */
function spansIn(data: string): ReadonlyMap<string, readonly Span[]> {
  const file = join(data, 'labeled_anomalies.csv');
  return existsSync(file) ? labeledAnomalies(file, readFileSync(file, 'utf8')) : new Map();
}
