import { readerOf, writerOf } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import type { Stage, Topology } from '../config/topology.ts';
import { keyOfEntity } from '../config/entities-named.ts';
import type { Records } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { read } from '../kafka/reader/read.ts';
import { openTransactionalWriter } from '../kafka/writer/transactional-writer.ts';
import { openDetector } from '../stages/detect/detector.ts';
import type { Row } from '../stages/detect/rules/rule.ts';
import { settingsFor, type Settings } from '../stages/detect/settings.ts';
import { partitionOf } from '../stages/ingest/murmur2.ts';
import { nobodyIn } from './offsets.ts';
import { registerSchemas } from './register-schemas.ts';

type State = Records['detector-state'];

export interface TrainOptions {
  readonly fetcher: Fetcher;
  readonly registry: Registry;
  readonly topology: Topology;
  /** Rows that are known to be quiet, of each watched sensor, by the key of the entity. */
  readonly quiet: ReadonlyMap<string, readonly (readonly Row[])[]>;
}

export interface Trained {
  readonly entity: string;
  readonly rows: number;
  /** It had learned before: that is replaced. */
  readonly before: boolean;
}

/** The detect stage of a topology, with its checkpoints. */
export function detectIn({ file, stages }: Topology): Stage & { readonly settings: Settings } {
  const stage = stages.find(({ declaration }) => declaration.name === 'detect');
  if (stage?.checkpoints !== undefined) return stage as Stage & { readonly settings: Settings };
  throw new DownlinkError('config-invalid', `${file} has no stage detect with checkpoints: there is nothing to train`);
}

/**
 * Learns quiet rows, and writes what was learned as the checkpoints that detect begins with. What was judged stays judged, and an
 * anomaly that is open stays open. Only while nobody is in the group, whose members would write their own over it.
 */
export async function trainDetector({ fetcher, registry, topology, quiet }: TrainOptions): Promise<readonly Trained[]> {
  const { group, checkpoints, from, settings } = detectIn(topology);
  if (checkpoints === undefined) return [];
  await nobodyIn(fetcher, group);
  const writer = openTransactionalWriter(fetcher.cluster, { transactionalId: `${group}.reset` });
  await writer.fence();
  const known = await statesIn(fetcher, registry, checkpoints.kafkaName, from.partitions);
  const schemas = await registerSchemas(topology, registry);
  const id = schemas.find((one) => one.topic === checkpoints.kafkaName && one.schema === 'detector-state')?.id ?? 0;
  const encoder = writerOf('detector-state', id);
  const trained: Trained[] = [];
  const records = topology.entities.flatMap((entity) => {
    const key = keyOfEntity(entity);
    const rows = quiet.get(key);
    if (rows === undefined) return [];
    const detector = openDetector(settingsFor(settings, key));
    detector.prime(rows);
    const { satellite, name } = entity;
    const before = known.get(key);
    const { last_index, open } = before ?? { last_index: -1, open: null };
    const value = encoder.encode({ satellite_id: satellite, entity: name, last_index, state: detector.save(), open });
    trained.push({ entity: key, rows: rows[0]?.length ?? 0, before: before !== undefined });
    const partition = partitionOf(key, from.partitions);
    return [{ topic: checkpoints.kafkaName, partition, records: [{ key, value, timestamp: Date.now() }] }];
  });
  const outcome = await writer.transact({ records: joined(records) });
  if (outcome.end === 'committed') return trained;
  throw new DownlinkError(
    'kafka-unavailable',
    `${group}: whether it was trained is not known (${outcome.why}); do it again`,
  );
}

type Batch = { topic: string; partition: number; records: { key: string; value: Buffer; timestamp: number }[] };

/** A transaction holds one batch of each partition. */
function joined(records: readonly Batch[]): readonly Batch[] {
  const byPartition = new Map<number, Batch>();
  for (const one of records) {
    const known = byPartition.get(one.partition);
    if (known === undefined) byPartition.set(one.partition, one);
    else known.records.push(...one.records);
  }
  return [...byPartition.values()];
}

async function statesIn(
  fetcher: Fetcher,
  registry: Registry,
  topic: string,
  partitions: number,
): Promise<ReadonlyMap<string, State>> {
  const reader = readerOf(registry, ['detector-state']);
  const states = new Map<string, State>();
  for (let partition = 0; partition < partitions; partition++) {
    for await (const record of read(fetcher, { topic, partition })) {
      const key = record.keyText() ?? '';
      if (record.value === null) states.delete(key);
      else states.set(key, await reader.decode(record.value));
    }
  }
  return states;
}
