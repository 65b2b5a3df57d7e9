import { readerOf } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import { keyOfEntity } from '../config/entities-named.ts';
import type { Entity, Topology } from '../config/topology.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { offsetOf } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import { rowOf } from '../stages/detect/row-of.ts';
import type { Row } from '../stages/detect/rules/rule.ts';
import { settingsFor } from '../stages/detect/settings.ts';
import { detectIn } from './train-detector.ts';

/** Of each watched sensor, by the key of the entity. */
export type Quiet = Map<string, Row[][]>;

/** Which columns are watched. */
export function placesOf(topology: Topology, entity: Entity): readonly number[] {
  const { sensors } = settingsFor(detectIn(topology).settings, keyOfEntity(entity));
  return sensors.map((sensor) => entity.sensors.indexOf(sensor)).filter((place) => place !== -1);
}

/** Rows of raw telemetry. No model has seen them, so the rule of the model's error learns nothing of them. */
export const rowsOf = (values: Float32Array, columns: number, place: number): Row[] =>
  Array.from({ length: values.length / columns }, (_, row) => ({
    value: values[row * columns + place] ?? NaN,
    error: 0,
    gap: false,
    warming: true,
  }));

export interface ScoredOptions {
  readonly fetcher: Fetcher;
  readonly registry: Registry;
  readonly topology: Topology;
  readonly entities: readonly Entity[];
  /** Times of records. */
  readonly from: number;
  readonly until: number;
}

/** Rows that were scored in a time that is known to have been quiet. */
export async function scoredRows(options: ScoredOptions): Promise<Quiet> {
  const { fetcher, registry, topology, entities, from, until } = options;
  const { kafkaName: topic, partitions } = detectIn(topology).from;
  const byKey = new Map(entities.map((entity) => [keyOfEntity(entity), entity]));
  const reader = readerOf(registry, ['scores']);
  const found: Quiet = new Map();
  for (let partition = 0; partition < partitions; partition++) {
    const place = { topic, partition };
    const range = {
      from: await offsetOf(fetcher.cluster, place, { timestamp: from }),
      to: await offsetOf(fetcher.cluster, place, { timestamp: until }),
    };
    for await (const { value } of read(fetcher, place, range)) {
      if (value === null) continue;
      const scores = await reader.decode(value);
      const entity = byKey.get(`${scores.satellite_id}/${scores.entity}`);
      if (entity === undefined) continue;
      const places = placesOf(topology, entity);
      const key = keyOfEntity(entity);
      const rows = found.get(key) ?? places.map(() => []);
      found.set(key, rows);
      for (const sample of scores.indices.keys()) {
        const row = rowOf(scores, sample, places, entity.sensors.length);
        for (const [at, one] of row.entries()) rows[at]?.push(one);
      }
    }
  }
  return found;
}
